/** What the files may not give away: the audit log. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { granteeSql } from "./entries.ts";
import type { ResolvedObject } from "./resolve.ts";
import type { PolicyStatement } from "../statement.ts";

export const logGranted = "audit/log-granted";

/** The audit log as audit.yaml names it, and the tables whose owners write to it. */
export interface AuditLog {
  /** `schema.table`, as stored. */
  readonly name: string;
  readonly tables: readonly string[];
}

/**
 * Declared rights on the log: whoever reads it reads every row of every audited table, and whoever
 * writes it forges what is on record. The owners of audited tables need INSERT. SELECT for an auditor
 * can be acknowledged in lint.yaml as `schema.log.role`.
 */
export async function findLogGrants(
  session: Session,
  objects: readonly ResolvedObject[],
  { tables }: AuditLog,
): Promise<Finding[]> {
  const logs = objects.filter(({ row }) => row.isLog);
  const given = logs.flatMap(({ row, rights, statement }) =>
    [...rights.required()].map((entry) => ({ row, statement, ...entry })),
  );
  if (given.length === 0) return [];
  const rows = await session.query<{ owner: string }>(
    `select distinct pg_get_userbyid(c.relowner) as owner
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname || '.' || c.relname in (select json_array_elements_text($1::text::json))`,
    [JSON.stringify(tables)],
  );
  const writers = new Set(rows.map(({ owner }) => owner));
  const perGrantee = new Map<string, { privileges: Set<string>; one: (typeof given)[number] }>();
  for (const one of given) {
    if (one.privilege === "INSERT" && one.grantee !== null && writers.has(one.grantee)) continue;
    const who = granteeSql(one.grantee);
    const entry = perGrantee.get(who) ?? { privileges: new Set<string>(), one };
    entry.privileges.add(one.privilege);
    perGrantee.set(who, entry);
  }
  return [...perGrantee].map(([who, { privileges, one }]): Finding => {
    const log = qualified(one.row.schema ?? "", one.row.name);
    const what = [...privileges].join(", ");
    const isReader = what === "SELECT" && who !== "PUBLIC";
    return {
      rule: logGranted,
      severity: "error",
      message: `${who} would get ${what} on ${log}, the audit log: ${isReader ? "it holds the rows of every audited table" : "nobody but its owner writes it"}`,
      hint: isReader
        ? `leave ${log} out; for an auditor acknowledge ${logGranted} of ${log}.${who} in policies/lint.yaml with the reason`
        : `leave ${log} out of this statement`,
      at: one.statement?.at,
      source: one.statement?.source,
      object: isReader ? `${log}.${who}` : log,
    };
  });
}

/** ALL TABLES IN SCHEMA does not mean the log, which is worth a word. */
export function describeLeftOut(statement: PolicyStatement, { row }: ResolvedObject): Finding {
  return {
    rule: "audit/log-left-out",
    severity: "info",
    message: `ALL TABLES IN SCHEMA ${ident(row.schema ?? "")} leaves out ${qualified(row.schema ?? "", row.name)}, the audit log`,
    hint: "applications need no right on it: what they change is recorded all the same",
    at: statement.at,
    source: statement.source,
  };
}
