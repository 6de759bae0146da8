/** What may stand in policies/matviews.yaml. Types, checks and the JSON schema for editors come from here. */
import * as z from "zod/mini";
import { durationPattern, parseDuration } from "../../config/duration.ts";

const about = (description: string, more: object = {}) => z.meta({ description, ...more });

const maxAge = z
  .pipe(
    z.unknown(),
    z.transform((value, context) => {
      const isText = typeof value === "string" || typeof value === "number";
      const parsed = isText ? parseDuration(String(value)) : { mistake: "must be a duration" };
      if (typeof parsed === "number" && parsed > 0) return parsed;
      const message = typeof parsed === "number" ? "must be longer than 0" : parsed.mistake;
      context.issues.push({ code: "custom", input: value, message });
      return z.NEVER;
    }),
  )
  .check(
    about("How old its contents may be: 15min, 1h, 1d.", {
      type: "string",
      pattern: durationPattern,
    }),
  );

export const matviewsSchema = z
  .record(z.string(), z.strictObject({ max_age: maxAge }))
  .check(about("How fresh materialized views are kept, by `schema.name`."));

/** The JSON schema of matviews.yaml, for editors. */
export function matviewsJsonSchema(): object {
  return z.toJSONSchema(matviewsSchema, { io: "input", unrepresentable: "any", target: "draft-7" });
}
