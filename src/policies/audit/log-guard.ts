/** What would keep changes out of the log, or falsify them, although every trigger of the audit is there. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import type { PartPlan, PolicyStep } from "../step.ts";
import readGuard from "./log-guard.sql";
import type { LogShape } from "./log-shape.ts";

interface GuardRow {
  readonly intruders: readonly {
    readonly kind: "trigger" | "rule";
    readonly name: string;
    readonly schema: string;
    readonly table: string;
    readonly owner: string;
  }[];
  readonly columns: readonly {
    readonly name: string;
    readonly isIdentity: boolean;
    readonly default: string | null;
  }[];
  readonly replication: { readonly value: string; readonly source: string; readonly reset: string };
}

/** Columns that the session must not choose, with the defaults that they may have. */
const expected: readonly { name: string; is: RegExp; usual: string; mayLack?: boolean }[] = [
  {
    name: "changed_at",
    is: /^(now|transaction_timestamp|statement_timestamp|clock_timestamp)\(\)$|^CURRENT_TIMESTAMP(\(\d\))?$/,
    usual: "now()",
  },
  { name: "seq", is: /^nextval\('(?:[^']|'')+'::regclass\)$/, usual: "nextval('…')" },
  { name: "xid", is: /^pg_current_xact_id\(\)$/, usual: "pg_current_xact_id()" },
  {
    name: "session_role",
    is: /^\(?SESSION_USER\)?(::(text|name|character varying(\(\d+\))?))*$/,
    usual: "session_user",
  },
  {
    name: "application_name",
    is: /^"?(left"?\()?current_setting\('application_name'::text(, (true|false))?\)/,
    usual: "current_setting('application_name', true)",
    mayLack: true,
  },
  {
    name: "client_address",
    is: /inet_client_addr\(\)/,
    usual: "inet_client_addr()",
    mayLack: true,
  },
];

/**
 * A trigger or rule on INSERT decides what is written, so none is right there; one on UPDATE or DELETE
 * may well protect the log. A column without the default it needs takes what the writer says: nothing.
 */
export async function planLogGuard(session: Session, log: LogShape): Promise<PartPlan> {
  const { intruders, columns, replication } = await session.one<GuardRow>(readGuard, [log.oid]);
  const name = qualified(log.schema, log.name);
  const steps = intruders.map(({ kind, name: intruder, schema, table, owner }): PolicyStep => {
    const place = qualified(schema, table);
    return {
      part: "audit",
      object: `${kind} ${ident(intruder)} on ${place}`,
      sql: `drop ${kind} ${ident(intruder)} on ${place}`,
      why: `it acts on what is written to the log, and is not the audit's`,
      extra: "security",
      role: owner,
      unit: `table ${log.schema}.${log.name}`,
    };
  });
  const findings: Finding[] = expected.flatMap(({ name: column, is, usual, mayLack }) => {
    const found = columns.find((one) => one.name === column);
    if (!found || found.isIdentity) return [];
    if (found.default === null ? mayLack : is.test(found.default)) return [];
    return [
      {
        rule: "audit/log-default",
        severity: "error" as const,
        message: `the default of ${name}.${column} is ${found.default ?? "not there"}: entries do not say what happened`,
        hint: `run: ALTER TABLE ${name} ALTER COLUMN ${column} SET DEFAULT ${usual};`,
        object: name,
      },
    ];
  });
  if (replication.value !== "origin" || replication.reset !== "origin") {
    findings.push(describeReplication(replication));
  }
  return { steps, findings };
}

/** Under `replica` no trigger of the audit fires; under `local` all do, but nobody needs it here. */
function describeReplication({ value, source, reset }: GuardRow["replication"]): Finding {
  const set = value === "origin" ? reset : value;
  const undo: Readonly<Record<string, string>> = {
    "configuration file": "ALTER SYSTEM RESET session_replication_role; SELECT pg_reload_conf();",
    global: "ALTER ROLE ALL RESET session_replication_role;",
    database: "ALTER DATABASE … RESET session_replication_role;",
    user: "ALTER ROLE … RESET session_replication_role;",
    "database user": "ALTER ROLE … IN DATABASE … RESET session_replication_role;",
    "command line": "start the server without it",
    client: "leave it out of PGOPTIONS or the connection string's options",
  };
  return {
    rule: "audit/replication-role",
    severity: "error",
    message: `session_replication_role is ${set} here (by ${source}): ${set === "replica" ? "sessions like this one are not recorded" : "it should be origin"}`,
    hint: `run: ${undo[source] ?? "RESET session_replication_role;"}`,
  };
}
