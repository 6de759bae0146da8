/** What must be done so that roles, memberships and settings are as declared. */
import { ident, literal } from "../../db/identifier.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type {
  DeclaredMembership,
  DeclaredRole,
  DeclaredRoles,
  RoleAttributes,
} from "./declared.ts";
import { settingSql } from "./setting.ts";
import readState from "./state.sql";

type RoleRow = RoleAttributes & { readonly name: string; readonly comment: string | null };

interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly admin: boolean;
  /** Null before 16. */
  readonly inherit: boolean | null;
  readonly set: boolean | null;
  readonly isCreatorsOwn: boolean;
}

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
  readonly me: { readonly name: string };
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
  const drafts = [
    ...[...declared.roles.values()].flatMap((role) =>
      planRole(
        role,
        state.roles.find(({ name }) => name === role.name),
      ),
    ),
    ...planMemberships(declared, state, hasOptions),
    ...planSettings(declared, state, database),
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
    lock: null,
    scans: false,
    role: null,
    unit: "roles",
    isClusterWide: true,
    ...draft,
  }));
  return { steps, findings: [] };
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

function planMemberships(
  { roles, memberships }: DeclaredRoles,
  state: State,
  hasOptions: boolean,
): Draft[] {
  const find = <T extends { role: string; member: string }>(
    list: readonly T[],
    one: T | Pick<T, "role" | "member">,
  ) => list.find(({ role, member }) => role === one.role && member === one.member);
  const missing = memberships.flatMap((written) => {
    const row = find(state.memberships, written as unknown as MembershipRow);
    // What is not written is PostgreSQL's standard: SET, and INHERIT as the member's attribute says.
    const wanted = {
      ...written,
      inherit: written.inherit ?? roles.get(written.member)?.attributes.inherit ?? true,
      set: written.set ?? true,
    };
    const differences = describeDifferences(wanted, row, hasOptions);
    if (row && differences.length === 0) return [];
    const { role, member, at } = wanted;
    const options = optionsSql(row ? wanted : written, hasOptions);
    const sql = `GRANT ${ident(role)} TO ${ident(member)}${options}`;
    const why = row
      ? `${ident(member)} is a member, but ${differences.join(" and ")}`
      : `${ident(member)} is no member`;
    const object = `role ${ident(role)}`;
    // GRANT only adds the admin option; taking it away is a REVOKE of its own.
    return row && row.admin && !wanted.admin
      ? [
          {
            object,
            sql: `REVOKE ADMIN OPTION FOR ${ident(role)} FROM ${ident(member)}`,
            why: `${ident(member)} may grant it on`,
            at,
          },
          ...(differences.length > 1 ? [{ object, sql, why, at }] : []),
        ]
      : [{ object, sql, why, at }];
  });
  const extra = state.memberships
    .filter((row) => !find(memberships, row as unknown as DeclaredMembership))
    // The connected role's own way to the roles it works with, and the one that creating a role gives.
    .filter((row) => row.member !== state.me.name && !row.isCreatorsOwn)
    .filter((row) => roles.has(row.role) || roles.has(row.member))
    .map((row): Draft => ({
      object: `role ${ident(row.role)}`,
      sql: `REVOKE ${ident(row.role)} FROM ${ident(row.member)}`,
      why: `${ident(row.member)} is a member, which is not declared`,
      extra: "security",
    }));
  return [...missing, ...extra];
}

function describeDifferences(
  wanted: DeclaredMembership,
  row: MembershipRow | undefined,
  hasOptions: boolean,
): string[] {
  if (!row) return [];
  const differences: string[] = [];
  if (row.admin !== wanted.admin) differences.push(`ADMIN is ${String(row.admin)}`);
  if (!hasOptions) return differences;
  if (wanted.inherit !== undefined && row.inherit !== wanted.inherit) {
    differences.push(`INHERIT is ${String(row.inherit)}`);
  }
  if (wanted.set !== undefined && row.set !== wanted.set) {
    differences.push(`SET is ${String(row.set)}`);
  }
  return differences;
}

function optionsSql({ admin, inherit, set }: DeclaredMembership, hasOptions: boolean): string {
  if (!hasOptions) return admin ? " WITH ADMIN OPTION" : "";
  const options = [
    ...(admin ? ["ADMIN TRUE"] : []),
    ...(inherit === undefined ? [] : [`INHERIT ${String(inherit).toUpperCase()}`]),
    ...(set === undefined ? [] : [`SET ${String(set).toUpperCase()}`]),
  ];
  return options.length === 0 ? "" : ` WITH ${options.join(", ")}`;
}

function planSettings({ roles, settings }: DeclaredRoles, state: State, database: string): Draft[] {
  const subject = (role: string | null | undefined, isInDatabase: boolean): string =>
    role === null || role === undefined
      ? `DATABASE ${ident(database)}`
      : `ROLE ${ident(role)}${isInDatabase ? ` IN DATABASE ${ident(database)}` : ""}`;
  const objectOf = (role: string | null | undefined) =>
    role === null || role === undefined ? `database ${ident(database)}` : `role ${ident(role)}`;
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
        object: objectOf(role),
        sql: `ALTER ${subject(role, isInDatabase)} SET ${settingName(name)} = ${settingSql(name, value)}`,
        why: row ? `${name} is ${row.value}` : `${name} is not set`,
        at,
      },
    ];
  });
  const extra = state.settings
    .filter((row) =>
      row.role === null ? isSensitive(row.name) && row.isInDatabase : roles.has(row.role),
    )
    .filter((row) => !settings.some((wanted) => matches(row, wanted)))
    .map((row): Draft => ({
      object: objectOf(row.role),
      sql: `ALTER ${subject(row.role, row.isInDatabase)} RESET ${settingName(row.name)}`,
      why: `${row.name} is ${row.value}, which is not declared`,
      extra: isSensitive(row.name) ? "security" : "other",
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
