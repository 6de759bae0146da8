/** What must be done so that roles, memberships and settings are as declared. */
import { ident, literal } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type { DeclaredRole, DeclaredRoles, RoleAttributes } from "./declared.ts";
import type { MembershipRow } from "./memberships.ts";
import { planMemberships } from "./memberships.ts";
import { settingSql } from "./setting.ts";
import readState from "./state.sql";

type RoleRow = RoleAttributes & { readonly name: string; readonly comment: string | null };

interface SettingRow {
  readonly role: string | null;
  readonly isInDatabase: boolean;
  readonly name: string;
  readonly value: string;
}

interface State {
  readonly roles: readonly RoleRow[];
  readonly memberships: readonly MembershipRow[];
  readonly settings: readonly SettingRow[];
  /** Rights to SET or ALTER SYSTEM a parameter, of declared roles and of PUBLIC. */
  readonly parameters: readonly {
    readonly name: string;
    readonly grantee: string | null;
    readonly privilege: string;
  }[];
  readonly me: { readonly name: string; readonly isSuperuser: boolean };
}

type Draft = Pick<PolicyStep, "object" | "sql" | "why" | "extra" | "at">;

/** Roles are never dropped: they belong to the cluster, and other databases may use them. */
export async function planRoles(
  declared: DeclaredRoles,
  { session }: PlanContext,
): Promise<PartPlan> {
  const names = JSON.stringify([...declared.roles.keys()]);
  const state = await session.one<State>(readState, [names]);
  const hasOptions = session.server.versionNumber >= 160000;
  const { database } = session.server;
  const settings = planSettings(declared, state, database);
  // ALTER ROLE ALL is for superusers alone: failing, it would take the other work on roles with it.
  const isLocked = (sql: string) => !state.me.isSuperuser && sql.startsWith("ALTER ROLE ALL ");
  const drafts = [
    ...[...declared.roles.values()].flatMap((role) =>
      planRole(
        role,
        state.roles.find(({ name }) => name === role.name),
      ),
    ),
    ...planMemberships(declared, { rows: state.memberships, me: state.me, hasOptions }),
    ...settings.filter(({ sql }) => !isLocked(sql)),
    ...state.parameters.map(({ name, grantee, privilege }): Draft => {
      const who = grantee === null ? "PUBLIC" : ident(grantee);
      return {
        object: grantee === null ? `parameter ${settingName(name)}` : `role ${who}`,
        sql: `REVOKE ${privilege} ON PARAMETER ${settingName(name)} FROM ${who}`,
        why: `${who} may ${privilege} ${name}, which is not declared`,
        extra: "security",
      };
    }),
  ];
  const steps = drafts.map((draft): PolicyStep => ({
    part: "roles",
    role: null,
    unit: "roles",
    isClusterWide: true,
    ...draft,
  }));
  const findings = settings
    .filter(({ sql }) => isLocked(sql))
    .map(({ object, why, sql, at }): Finding => ({
      rule: "policies/roles",
      severity: "error",
      message: `${object}: ${why}`,
      hint: `only a superuser may run: ${sql};`,
      object,
      at,
    }));
  return { steps, findings };
}

const words: readonly (readonly [keyof RoleAttributes, string])[] = [
  ["superuser", "SUPERUSER"],
  ["inherit", "INHERIT"],
  ["createrole", "CREATEROLE"],
  ["createdb", "CREATEDB"],
  ["login", "LOGIN"],
  ["replication", "REPLICATION"],
  ["bypassrls", "BYPASSRLS"],
];

function planRole(role: DeclaredRole, row: RoleRow | undefined): Draft[] {
  const { name, attributes, comment, at } = role;
  const object = `role ${ident(name)}`;
  const drafts: Draft[] = [];
  const wanted = (differs: (attribute: keyof RoleAttributes) => boolean): string[] => [
    ...words
      .filter(([attribute]) => differs(attribute))
      .map(([attribute, word]) => (attributes[attribute] === true ? word : `NO${word}`)),
    ...(differs("connectionLimit") ? [`CONNECTION LIMIT ${attributes.connectionLimit}`] : []),
  ];
  if (!row) {
    // LOGIN is said either way, as it is what a reader looks for; the others where they are not usual.
    const usual: Partial<RoleAttributes> = { inherit: true, connectionLimit: -1 };
    const options = wanted(
      (attribute) => attribute === "login" || attributes[attribute] !== (usual[attribute] ?? false),
    );
    const sql = `CREATE ROLE ${ident(name)} ${options.join(" ")}`;
    drafts.push({ object, sql, why: "the role is not there", at });
  } else {
    const options = wanted((attribute) => attributes[attribute] !== row[attribute]);
    if (options.length > 0) {
      const sql = `ALTER ROLE ${ident(name)} ${options.join(" ")}`;
      drafts.push({ object, sql, why: `it is not ${options.join(", ")}`, at });
    }
  }
  if (comment !== undefined && comment !== row?.comment) {
    const sql = `COMMENT ON ROLE ${ident(name)} IS ${literal(comment)}`;
    drafts.push({ object, sql, why: "its comment differs", at });
  }
  return drafts;
}

function planSettings({ roles, settings }: DeclaredRoles, state: State, database: string): Draft[] {
  const isNobody = (role: string | null | undefined): role is null | undefined =>
    role === null || role === undefined;
  const subject = (role: string | null | undefined, isInDatabase: boolean): string => {
    if (isNobody(role)) return isInDatabase ? `DATABASE ${ident(database)}` : "ROLE ALL";
    return `ROLE ${ident(role)}${isInDatabase ? ` IN DATABASE ${ident(database)}` : ""}`;
  };
  const objectOf = (role: string | null | undefined, isInDatabase: boolean) => {
    if (isNobody(role)) return isInDatabase ? `database ${ident(database)}` : "all roles";
    return `role ${ident(role)}`;
  };
  const matches = (
    row: SettingRow,
    one: { role?: string | undefined; isInDatabase: boolean; name: string },
  ) =>
    (row.role ?? undefined) === one.role &&
    row.isInDatabase === one.isInDatabase &&
    row.name.toLowerCase() === one.name.toLowerCase();
  const missing = settings.flatMap((wanted): Draft[] => {
    const row = state.settings.find((one) => matches(one, wanted));
    if (row?.value === wanted.value) return [];
    const { role, isInDatabase, name, value, at } = wanted;
    return [
      {
        object: objectOf(role, isInDatabase),
        sql: `ALTER ${subject(role, isInDatabase)} SET ${settingName(name)} = ${settingSql(name, value)}`,
        why: row ? `${name} is ${row.value}` : `${name} is not set`,
        at,
      },
    ];
  });
  const extra = state.settings
    .filter((row) =>
      // Those of all roles concern the whole cluster: only what can open a door or shut the audit.
      row.role === null
        ? isSensitive(row.name) || (!row.isInDatabase && row.name === "search_path")
        : roles.has(row.role),
    )
    .filter((row) => !settings.some((wanted) => matches(row, wanted)))
    .map((row): Draft => ({
      object: objectOf(row.role, row.isInDatabase),
      sql: `ALTER ${subject(row.role, row.isInDatabase)} RESET ${settingName(row.name)}`,
      why: `${row.name} is ${row.value}, which is not declared`,
      extra: isSensitive(row.name) || row.role === null ? "security" : "other",
    }));
  return [...missing, ...extra];
}

/** Settings that decide who somebody is or what holds for them: identities are custom settings. */
function isSensitive(name: string): boolean {
  return name.includes(".") || ["role", "row_security", "session_replication_role"].includes(name);
}

function settingName(name: string): string {
  return name.split(".").map(ident).join(".");
}
