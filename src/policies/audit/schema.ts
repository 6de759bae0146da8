/** What may stand in policies/audit.yaml. Types, checks and the JSON schema for editors come from here. */
import * as z from "zod/mini";

export type AuditFile = z.output<typeof auditSchema>;

const about = (description: string, more: object = {}) => z.meta({ description, ...more });

const text = () => z.string().check(z.minLength(1, { error: "must not be empty" }));

const tableName = () =>
  z.string().check(z.regex(/^[^.]+\.[^.]+$/, { error: "is not of the form `schema.table`" }));

const columns = (description: string) => z.optional(z.array(text())).check(about(description));

const reasons = (key: z.ZodMiniType<string, string>, description: string) =>
  z.optional(z.record(key, text())).check(about(description));

const bookkeeping = () =>
  columns("Columns that are recorded beside other changes, and do not count as one themselves.");

const options = z.strictObject({
  exclude: columns("Columns that never reach the log, and do not count as a change."),
  mask: columns("Columns whose change is recorded, with `***` for the value."),
  bookkeeping: bookkeeping(),
  allow: reasons(
    text(),
    "Columns that look like a secret and are recorded all the same, each with the reason.",
  ),
});

export const auditSchema = z
  .strictObject({
    log: tableName().check(about("The table that changes are recorded in: `shared.audit_log`.")),
    identity: z
      ._default(
        z.string().check(
          z.regex(/^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)+$/, {
            error: "is not the name of a setting like `app.current_user_id`",
          }),
        ),
        "app.current_user_id",
      )
      .check(about("The setting that holds on whose behalf the application acts.")),
    defaults: z
      .optional(z.strictObject({ bookkeeping: bookkeeping() }))
      .check(about("What holds for every table that has such a column.")),
    tables: z
      .record(tableName(), z.nullable(options))
      .check(about("The tables that are audited, as `schema.table`.")),
    not: reasons(
      z.string().check(
        z.regex(/^[^.]+\.([^.*]+|\*)$/, {
          error: "is not of the form `schema.table` or `schema.*`",
        }),
      ),
      "Tables that are not audited, each with the reason. Where this is given, a table that is in neither list is a mistake.",
    ),
  })
  .check(z.meta({ title: "policies/audit.yaml", description: "Which changes are recorded." }));

/** The JSON schema of audit.yaml, in the draft that editors' YAML plug-ins know best. */
export function auditJsonSchema(): object {
  return z.toJSONSchema(auditSchema, { io: "input", unrepresentable: "any", target: "draft-7" });
}
