/** Roles that the files name, and which of them are neither declared nor there. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import type { Policies } from "./policies.ts";
import { mistake } from "./statement.ts";
import type { PolicyStatement } from "./statement.ts";

/** A misspelled role would fail in the middle of `apply`: it is a mistake with its place instead. */
export async function findUnknownRoles(session: Session, policies: Policies): Promise<Finding[]> {
  const named = new Map<string, PolicyStatement>();
  const note = (name: string | null, statement: PolicyStatement) => {
    if (name === null || policies.roles.roles.has(name) || named.has(name)) return;
    named.set(name, statement);
  };
  for (const table of policies.rowSecurity.tables.values()) {
    for (const policy of table.policies.values()) {
      for (const role of policy.roles) note(role, policy.statement);
    }
  }
  for (const { grantees, statement } of policies.grants.grants) {
    for (const role of grantees) note(role, statement);
  }
  for (const { roles, grantees, statement } of policies.grants.defaults) {
    for (const role of [...roles, ...grantees]) note(role, statement);
  }
  for (const { role, member, statement } of policies.roles.memberships) {
    note(role, statement);
    note(member, statement);
  }
  for (const { role, statement } of policies.roles.settings) note(role ?? null, statement);
  if (named.size === 0) return [];
  const rows = await session.query<{ name: string }>(
    `select name from json_array_elements_text($1::text::json) name
     where not exists (select from pg_roles where rolname = name)`,
    [JSON.stringify([...named.keys()])],
  );
  return rows.flatMap(({ name }) => {
    const statement = named.get(name);
    if (!statement) return [];
    const hint = `correct the name, or declare it: CREATE ROLE ${ident(name)} NOLOGIN;`;
    return [mistake(statement, "unknown-role", `there is no role ${ident(name)}`, hint)];
  });
}

/** Declared roles that are not there. */
export async function findAbsentRoles(session: Session, policies: Policies): Promise<Set<string>> {
  const declared = [...policies.roles.roles.keys()];
  const rows = await session.query<{ name: string }>(
    `select name from json_array_elements_text($1::text::json) name
     where not exists (select from pg_roles where rolname = name)`,
    [JSON.stringify(declared)],
  );
  return new Set(rows.map(({ name }) => name));
}
