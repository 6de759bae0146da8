/** What stands in `policies/lint.yaml`. */
import * as z from "zod/mini";

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

/** By rule and object: why the finding is meant to be so, and the last day on which it is. */
export const lintSchema = z.strictObject({
  ignore: z._default(
    z.record(
      z.string(),
      z.record(z.string(), z.strictObject({ reason: text(), until: z.optional(day) })),
    ),
    {},
  ),
});

/** The JSON schema of lint.yaml, for editors. */
export function lintJsonSchema(): object {
  return z.toJSONSchema(lintSchema, { io: "input", unrepresentable: "any", target: "draft-7" });
}
