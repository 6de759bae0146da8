/** What stands in `policies/pii.yaml`. */
import * as z from "zod/mini";
import { detectors } from "./detectors/index.ts";

const text = () => z.string().check(z.minLength(1, { error: "must not be empty" }));

const day = z
  .string()
  .check(
    z.refine(
      (value) =>
        /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`)),
      { error: "must be a day, YYYY-MM-DD" },
    ),
  );

const entities = detectors.map(({ entity }) => entity);

const entity = z.string().check(
  z.refine((value) => entities.includes(value), {
    error: `must be one of ${entities.join(", ")}`,
  }),
  z.meta({ enum: entities }),
);

/** By column, `schema.table.column`, or path in it: why the finding is none, and the last day on which it is none. */
export const piiSchema = z.strictObject({
  ignore: z._default(
    z.record(
      z.string(),
      z.strictObject({
        reason: text(),
        until: z.optional(day),
        /** Only findings of this kind. */
        entity: z.optional(entity),
      }),
    ),
    {},
  ),
});

/** The JSON schema of pii.yaml, for editors. */
export function piiJsonSchema(): object {
  return z.toJSONSchema(piiSchema, { io: "input", unrepresentable: "any", target: "draft-7" });
}
