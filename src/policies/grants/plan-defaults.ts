/** Default privileges: what objects to come will be open to. */
import { ident } from "../../db/identifier.ts";
import type { PlanContext, PolicyStep } from "../step.ts";
import listDefaults from "./defaults.sql";
import { granteeSql, groupBy, isSame, namesOf } from "./entries.ts";
import type { DeclaredAccess } from "./plan.ts";
import type { ResolvedDefault } from "./resolve.ts";
import type { Entry } from "./rights.ts";

type Draft = Pick<PolicyStep, "object" | "sql" | "why" | "extra" | "at" | "role">;

interface DefaultRow {
  readonly role: string;
  readonly schema: string | null;
  readonly kind: string;
  readonly present: readonly Entry[];
}

/** Steps for the roles that the files name, and for anybody else in the managed schemas. */
export async function planDefaults(
  { session, absentRoles }: PlanContext,
  { schemas }: DeclaredAccess,
  defaults: readonly ResolvedDefault[],
): Promise<PolicyStep[]> {
  const roles = [...new Set(defaults.map(({ role }) => role))];
  const rows = (
    await session.query<DefaultRow>(listDefaults, [
      JSON.stringify(roles),
      JSON.stringify([...schemas]),
    ])
  ).filter(({ schema }) => schema === null || schemas.has(schema));
  const drafts: Draft[] = [];
  const matches = (row: DefaultRow, one: ResolvedDefault) =>
    row.role === one.role && (row.schema ?? undefined) === one.schema && row.kind === one.kind;
  for (const one of defaults) {
    const { statement, rights } = one;
    const row = rows.find((entry) => matches(entry, one));
    const present = row?.present ?? builtInDefaults(one);
    const missing = [...rights.required()].filter(
      (wanted) =>
        !(wanted.grantee !== null && absentRoles?.has(wanted.grantee)) &&
        !present.some(
          (entry) => isSame(entry, wanted) && (entry.isGrantable || !wanted.isGrantable),
        ),
    );
    const surplus = present.filter((entry) => !rights.get(entry.grantee, entry.privilege));
    const change = (
      verb: "GRANT" | "REVOKE",
      group: readonly Entry[],
      why: string,
      extra?: "security",
    ) => {
      const [first] = group;
      if (!first) return;
      const option = verb === "GRANT" && first.isGrantable ? " WITH GRANT OPTION" : "";
      drafts.push({
        object: `role ${ident(one.role)}`,
        sql: `${prefixOf(one)} ${verb} ${namesOf(group)} ON ${one.kind} ${verb === "GRANT" ? "TO" : "FROM"} ${granteeSql(first.grantee)}${option}`,
        why,
        role: one.role,
        at: statement.at,
        ...(extra ? { extra } : {}),
      });
    };
    const where = `${one.kind.toLowerCase()} that ${ident(one.role)} will create${one.schema === undefined ? "" : ` in ${ident(one.schema)}`}`;
    for (const group of byGrantee(missing)) {
      change(
        "GRANT",
        group,
        `${granteeSql(group[0]?.grantee)} would have no ${namesOf(group)} on ${where}`,
      );
    }
    for (const group of byGrantee(
      surplus.filter(({ grantee, privilege }) => rights.isRevoked(grantee, privilege)),
    )) {
      change(
        "REVOKE",
        group,
        `${granteeSql(group[0]?.grantee)} would have ${namesOf(group)} on ${where}`,
      );
    }
    const undeclared = surplus.filter(
      (entry) =>
        !rights.isRevoked(entry.grantee, entry.privilege) &&
        !builtInDefaults(one).some((base) => isSame(base, entry)),
    );
    for (const group of byGrantee(undeclared)) {
      change(
        "REVOKE",
        group,
        `${granteeSql(group[0]?.grantee)} would have ${namesOf(group)} on ${where}, which is not declared`,
        "security",
      );
    }
  }
  for (const row of rows) {
    if (defaults.some((one) => matches(row, one))) continue;
    const at = { role: row.role, schema: row.schema ?? undefined };
    // A global entry repeats what PUBLIC has anyway: taking that too would close what was never opened.
    const builtIn = builtInDefaults({ schema: row.schema ?? undefined, kind: row.kind });
    const opened = row.present.filter((entry) => !builtIn.some((base) => isSame(base, entry)));
    for (const group of byGrantee(opened)) {
      drafts.push({
        object: `role ${ident(row.role)}`,
        sql: `${prefixOf(at)} REVOKE ${namesOf(group)} ON ${row.kind} FROM ${granteeSql(group[0]?.grantee)}`,
        why: `${granteeSql(group[0]?.grantee)} would have ${namesOf(group)} on ${row.kind.toLowerCase()} to come, which is not declared`,
        extra: "security",
        role: row.role,
      });
    }
  }
  return drafts.map((draft) => ({
    part: "grants",
    unit: "grants",
    ...draft,
  }));
}

function byGrantee<T extends Entry>(entries: readonly T[]): T[][] {
  return groupBy(entries, ({ grantee, isGrantable }) => JSON.stringify([grantee, isGrantable]));
}

/** What fresh objects have without an entry of their own: only a global entry stands in for it. */
function builtInDefaults({
  schema,
  kind,
}: {
  readonly schema: string | undefined;
  readonly kind: string;
}): Entry[] {
  if (schema !== undefined) return [];
  const privilege = { FUNCTIONS: "EXECUTE", TYPES: "USAGE" }[kind];
  return privilege === undefined ? [] : [{ grantee: null, privilege, isGrantable: false }];
}

function prefixOf({
  role,
  schema,
}: {
  readonly role: string;
  readonly schema: string | undefined;
}): string {
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(role)}${schema === undefined ? "" : ` IN SCHEMA ${ident(schema)}`}`;
}
