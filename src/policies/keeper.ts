/** Keeps `policies/` true inside the transactions of migrations. */
import { ident, qualified } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import type { EventListener } from "../events.ts";
import type { Cleared, ClearedPolicy, Keeper } from "../migrate/keeper.ts";
import {
  columnNow,
  dotted,
  noRenames,
  noteRename,
  partsOf,
  resolveTable,
  sqlOf,
} from "../migrate/table-names.ts";
import findDoomedAudit from "./doomed-audit.sql";
import findInTheWay from "./in-the-way.sql";
import type { PlanOptions } from "./plan.ts";
import { planPolicies, planTouched } from "./plan.ts";
import type { Policies } from "./policies.ts";
import { isEmpty, readPolicies } from "./policies.ts";
import { setRole } from "./print.ts";
import { findAbsentRoles } from "./role-names.ts";
import type { PolicyStep } from "./step.ts";
import findTouched from "./touched.sql";
import { findViewsInTheWay } from "./views.ts";
import type { DependentView } from "./views.ts";

/**
 * Undefined where `policies/` declares nothing, so that such a project pays nothing.
 *
 * @throws PgwrightError `policies-invalid` for mistakes in the files, before any migration runs.
 */
export async function loadKeeper(
  directory: string,
  options: PlanOptions,
  events: EventListener,
): Promise<Keeper | undefined> {
  const policies = await readPolicies(directory);
  if (isEmpty(policies)) return undefined;
  const { refuseMistakes } = await import("./mistakes.ts");
  refuseMistakes(policies.findings);
  return {
    concerns: (statements) => statements.some(({ kind }) => changesTables.has(kind)),
    clear: (session, statements) => clear(session, statements, policies),
    restore: (session, cleared) => restore(session, cleared, policies, options, events),
    whole: async (session) => {
      const absentRoles = await findAbsentRoles(session, policies);
      const { steps } = await planPolicies(session, policies, { ...options, absentRoles });
      return asSql(steps, options.ownerRole);
    },
    describe: (statements) => describe(statements, policies),
  };
}

/** What may create or change a table; DO and CALL may do anything. */
const changesTables = new Set([
  "CreateStmt",
  "CreateTableAsStmt",
  "CreateForeignTableStmt",
  "CreateSchemaStmt",
  "ViewStmt",
  "AlterTableStmt",
  "AlterObjectSchemaStmt",
  "AlterOwnerStmt",
  "RenameStmt",
  "DropStmt",
  "CreatePolicyStmt",
  "AlterPolicyStmt",
  "DoStmt",
  "CallStmt",
]);

interface PolicyInTheWay {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly oid: string;
  readonly isPermissive: boolean;
  readonly root: string;
}

/**
 * PostgreSQL refuses to drop or retype a column that a policy uses, and to retype one that a view
 * uses. A policy is dropped before and created again from the files, a view as it was; in between the
 * transaction holds ACCESS EXCLUSIVE on them. Audit triggers go with their table and with their log,
 * or the next write would fail. What the file drops itself is left to it.
 */
async function clear(
  session: Session,
  statements: readonly Statement[],
  policies: Policies,
): Promise<Cleared> {
  const names = noRenames();
  const found = new Map<string, PolicyInTheWay>();
  const views = new Map<string, DependentView & { readonly statement: number }>();
  const obstacles = new Map<number, string[]>();
  const own = new Set<string>();
  const dropped: string[] = [];
  const look = async (relation: string, column: string | null, isDropped: boolean) => {
    for (const row of await session.query<PolicyInTheWay>(findInTheWay, [relation, column])) {
      const table = qualified(row.schema, row.table);
      const isDeclared = policies.rowSecurity.tables.get(table)?.policies.has(row.name) ?? false;
      // One that is no longer declared goes with its column, unless that would show somebody more.
      if (isDeclared || (isDropped && row.isPermissive)) {
        found.set(`${ident(row.name)} on ${table}`, row);
      }
    }
  };
  for (const [statement, { node }] of statements.entries()) {
    const alter = as(node, "AlterTableStmt");
    const drop = as(node, "DropStmt");
    if (alter) {
      const table = await resolveTable(session, partsOf(alter.relation), names);
      if (!table) continue;
      for (const { subtype, name } of allOf(alter.cmds, "AlterTableCmd")) {
        const isDropped = subtype === "AT_DropColumn";
        if (!isDropped && subtype !== "AT_AlterColumnType") continue;
        const column = columnNow(table, name ?? "", names);
        await look(sqlOf(table), column, isDropped);
        if (isDropped) continue;
        const users = await findViewsInTheWay(session, sqlOf(table), column);
        for (const view of users.views) views.set(view.name, { ...view, statement });
        if (users.obstacles.length > 0) obstacles.set(statement, users.obstacles);
      }
    } else if (drop?.removeType === "OBJECT_TABLE" || drop?.removeType === "OBJECT_VIEW") {
      for (const { items } of allOf(drop.objects, "List")) {
        const table = await resolveTable(session, stringsOf(items), names);
        if (!table) continue;
        own.add(`view ${sqlOf(table)}`);
        if (drop.removeType === "OBJECT_TABLE") dropped.push(sqlOf(table));
        await look(sqlOf(table), null, true);
      }
    } else if (drop?.removeType === "OBJECT_POLICY" || drop?.removeType === "OBJECT_TRIGGER") {
      for (const { items } of allOf(drop.objects, "List")) {
        const parts = stringsOf(items);
        const table = await resolveTable(session, parts.slice(0, -1), names);
        const kind = drop.removeType === "OBJECT_POLICY" ? "policy" : "trigger";
        if (table) own.add(`${kind} ${ident(parts.at(-1) ?? "")} on ${sqlOf(table)}`);
      }
    } else if (drop?.removeType === "OBJECT_FUNCTION") {
      for (const { objname } of allOf(drop.objects, "ObjectWithArgs")) {
        own.add(`function ${dotted(stringsOf(objname))}()`);
      }
    }
    await noteRename(session, node, names);
  }
  const policiesInTheWay = [...found.keys()].filter((name) => !own.has(`policy ${name}`));
  const viewsInTheWay = [...views.values()].filter(({ name }) => !own.has(`view ${name}`));
  const lost = [...found.values()].flatMap(({ name, schema, table, oid }): ClearedPolicy[] => {
    const key = qualified(schema, table);
    const isDeclared = policies.rowSecurity.tables.get(key)?.policies.has(name) ?? false;
    return isDeclared && !own.has(`policy ${ident(name)} on ${key}`)
      ? [{ name: ident(name), table: key, oid }]
      : [];
  });
  const renamed = lost.flatMap((policy) => {
    const entry = names.tables.findLast((one) => sqlOf(one) === policy.table);
    const then = entry && qualified(entry.schemaThen, entry.tableThen);
    return then === undefined || then === policy.table
      ? []
      : [describeLost(policy, then, policies)];
  });
  return {
    policies: lost,
    notes: renamed,
    sql: [
      ...policiesInTheWay.map((name) => `drop policy ${name}`),
      ...viewsInTheWay.map(({ drop }) => drop),
      ...(await dropAudit(session, dropped, policies, own)),
    ],
    again: viewsInTheWay
      .toReversed()
      .map(({ name, create, statement }) => ({ view: name, sql: create, statement })),
    obstacles,
    tables: new Set([...found.values()].map(({ root }) => Number(root))),
  };
}

/** The table has another name by now, and the files do not know it. */
function describeLost(
  { name, table }: ClearedPolicy,
  now: string,
  { rowSecurity }: Policies,
): string {
  const declared = [...(rowSecurity.tables.get(table)?.policies.values() ?? [])];
  const at = declared.find((policy) => ident(policy.name) === name)?.statement.at;
  const place = at ? `${at.file}:${at.line}` : "the file";
  return `policy ${name} on ${table} is dropped and not made again, as the table is ${now} now: name it so in ${place}, then run \`pgwright policies apply\``;
}

/** Triggers and functions of the audit of tables that are dropped; of all, where the log is. */
async function dropAudit(
  session: Session,
  tables: readonly string[],
  { audit }: Policies,
  own: ReadonlySet<string>,
): Promise<string[]> {
  if (tables.length === 0) return [];
  const [schema = "", name = ""] = audit?.file.log.split(".") ?? [];
  const isLog = audit !== undefined && tables.includes(qualified(schema, name));
  const rows = await session.query<{ name: string; kind: string }>(findDoomedAudit, [
    JSON.stringify(tables),
    isLog,
  ]);
  const left = rows.filter(({ kind, name: object }) => own.has(`${kind} ${object}`));
  // A function cannot go before a trigger that the file drops itself; the plan finds it later.
  const keepsFunctions = left.some(({ kind }) => kind === "trigger");
  return rows
    .filter((row) => !left.includes(row) && !(keepsFunctions && row.kind === "function"))
    .map((row) => `drop ${row.kind} ${row.name}`);
}

async function restore(
  session: Session,
  cleared: Cleared,
  policies: Policies,
  options: PlanOptions,
  events: EventListener,
): Promise<string[]> {
  const { roots } = await session.one<{ roots: readonly number[] }>(findTouched);
  const only = new Set([...roots, ...cleared.tables]);
  if (only.size === 0) return [];
  const absentRoles = await findAbsentRoles(session, policies);
  const { steps, findings } = await planTouched(session, policies, {
    ...options,
    only,
    absentRoles,
  });
  const isAboutCleared = cleared.tables.size > 0;
  for (const { rule, message, at } of findings) {
    if (at === undefined || !(isAboutCleared || rule === "policies/unknown-column")) continue;
    events({
      type: "notice",
      level: "warning",
      message: `${message} (${at.file}:${at.line}); \`pgwright policies check\` says what it means now`,
    });
  }
  for (const policy of cleared.policies) {
    const { table } = await session.one<{ table: string | null }>(
      `select (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.oid = $1::text::oid) as "table"`,
      [policy.oid],
    );
    if (table === null || table === policy.table) continue;
    events({
      type: "notice",
      level: "warning",
      message: describeLost(policy, table, policies),
    });
  }
  return asSql(steps, options.ownerRole);
}

/** What belongs into a transaction of this database, and takes nothing away. */
function asSql(steps: readonly PolicyStep[], ownerRole: string | undefined): string[] {
  const chosen = steps.filter(
    ({ extra, isClusterWide, runsAlone }) => extra === undefined && !isClusterWide && !runsAlone,
  );
  if (chosen.length === 0) return [];
  const sql = ["set local search_path = public"];
  let role: string | null | undefined;
  for (const step of chosen) {
    if (step.role !== role) sql.push(setRole(step.role));
    role = step.role;
    sql.push(step.sql);
  }
  return [...sql, setRole(ownerRole ?? null)];
}

function describe(statements: readonly Statement[], { rowSecurity }: Policies): string[] {
  const names = statements.flatMap(({ node }) => {
    const relation =
      as(node, "CreateStmt")?.relation ??
      as(node, "AlterTableStmt")?.relation ??
      as(node, "RenameStmt")?.relation;
    if (!relation) return [];
    const name = dotted([relation.schemaname || "public", relation.relname ?? ""]);
    return rowSecurity.tables.has(name) ? [relationName(relation)] : [];
  });
  const tables = [...new Set(names)];
  return tables.length === 0
    ? []
    : [`here: what policies/ declares for ${tables.join(", ")}, as far as it differs then`];
}
