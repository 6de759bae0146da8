import { ident, literal } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import selectProperties from "./database-properties.sql";

/** How a database was made and what was set on it since. */
export interface DatabaseProperties {
  readonly name: string;
  readonly owner: string;
  readonly encoding: string;
  readonly collate: string;
  readonly ctype: string;
  /** c libc, i ICU, b built in. */
  readonly provider: "c" | "i" | "b";
  readonly locale: string | null;
  readonly icuRules: string | null;
  readonly tablespace: string;
  /** -1: no limit. */
  readonly connectionLimit: number;
  readonly isTemplate: boolean;
  readonly comment: string | null;
  /** Null where this role may not ask. */
  readonly bytes: number | null;
  /** False: the default rights. */
  readonly hasGrants: boolean;
  /** Grantee null: PUBLIC. */
  readonly grants: readonly { grantee: string | null; privilege: string; grantable: boolean }[];
  /** Role null: for everybody. Settings as "name=value". */
  readonly settings: readonly { role: string | null; settings: readonly string[] }[];
}

/** The properties of a database of this server, or undefined when there is none of that name. */
export async function readProperties(
  session: Session,
  database: string,
): Promise<DatabaseProperties | undefined> {
  const [found] = await session.query<DatabaseProperties>(selectProperties, [database]);
  return found;
}

/**
 * Statements that make a database with the properties of another one, under another name. They
 * cover owner, encoding, locale, tablespace, connection limit, comment, rights and settings
 * (ALTER DATABASE … SET, ALTER ROLE … IN DATABASE … SET). Only security labels are not kept.
 *
 * @param template1 Its properties decide whether the usual template fits: one with another
 * encoding or locale than the new database cannot be copied from, only `template0` can.
 */
export function recreateStatements(
  properties: DatabaseProperties,
  name: string,
  template1: DatabaseProperties | undefined,
): string[] {
  const target = ident(name);
  const { owner, connectionLimit, comment } = properties;
  return [
    `CREATE DATABASE ${target} OWNER ${ident(owner)}` +
      (template1 !== undefined && hasSameText(properties, template1)
        ? ""
        : ` TEMPLATE template0 ${textClauses(properties)}`) +
      (properties.tablespace === template1?.tablespace
        ? ""
        : ` TABLESPACE ${ident(properties.tablespace)}`) +
      (connectionLimit === -1 ? "" : ` CONNECTION LIMIT ${connectionLimit}`),
    ...(comment === null ? [] : [`COMMENT ON DATABASE ${target} IS ${literal(comment)}`]),
    ...settingStatements(properties, name),
  ];
}

/**
 * The rights on a database and the settings that hold in it, as statements for another one that
 * has the default rights and no settings yet: neither is copied by CREATE DATABASE … TEMPLATE.
 */
export function settingStatements(properties: DatabaseProperties, name: string): string[] {
  const target = ident(name);
  return [
    ...(properties.hasGrants ? grantStatements(properties, target) : []),
    ...properties.settings.flatMap(({ role, settings }) => {
      const what =
        role === null
          ? `ALTER DATABASE ${target}`
          : `ALTER ROLE ${ident(role)} IN DATABASE ${target}`;
      return settings.map((setting) => `${what} SET ${assignment(setting)}`);
    }),
  ];
}

function hasSameText(one: DatabaseProperties, other: DatabaseProperties): boolean {
  const keys = ["encoding", "collate", "ctype", "provider", "locale", "icuRules"] as const;
  return keys.every((key) => one[key] === other[key]);
}

function textClauses({ provider, locale, icuRules, ...rest }: DatabaseProperties): string {
  const clauses = [
    `ENCODING ${literal(rest.encoding)}`,
    `LC_COLLATE ${literal(rest.collate)}`,
    `LC_CTYPE ${literal(rest.ctype)}`,
  ];
  if (provider === "i") clauses.push("LOCALE_PROVIDER icu", `ICU_LOCALE ${literal(locale)}`);
  if (provider === "b")
    clauses.push("LOCALE_PROVIDER builtin", `BUILTIN_LOCALE ${literal(locale)}`);
  if (provider === "c") clauses.push("LOCALE_PROVIDER libc");
  if (icuRules !== null) clauses.push(`ICU_RULES ${literal(icuRules)}`);
  return clauses.join(" ");
}

/** One for each set of privileges, not for each right: FitnessHub's sixteen rights are three statements. */
function grantStatements({ owner, grants }: DatabaseProperties, target: string): string[] {
  const rights = new Map<string, { whom: string; grantable: boolean; privileges: string[] }>();
  for (const { grantee, privilege, grantable } of grants) {
    const whom = grantee === null ? "PUBLIC" : ident(grantee);
    const key = JSON.stringify([whom, grantable]);
    const right = rights.get(key) ?? { whom, grantable, privileges: [] };
    right.privileges.push(privilege);
    rights.set(key, right);
  }
  const statements = new Map<string, { start: string; whom: string[]; end: string }>();
  for (const { whom, grantable, privileges } of rights.values()) {
    const start = `GRANT ${privileges.toSorted().join(", ")} ON DATABASE ${target} TO`;
    const end = grantable ? " WITH GRANT OPTION" : "";
    const statement = statements.get(start + end) ?? { start, whom: [], end };
    statement.whom.push(whom);
    statements.set(start + end, statement);
  }
  return [
    `REVOKE ALL ON DATABASE ${target} FROM PUBLIC, ${ident(owner)}`,
    ...[...statements.values()].map(({ start, whom, end }) => `${start} ${whom.join(", ")}${end}`),
  ];
}

// Their value is a list of quoted names, to be given back as several values; as one value it would
// become a single name with commas in it. The same names as in pg_dump (variable_is_guc_list_quote).
const listSettings = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** `search_path=a, "B"` as `search_path TO 'a', 'B'`. */
function assignment(setting: string): string {
  const at = setting.indexOf("=");
  const name = setting.slice(0, at);
  const value = setting.slice(at + 1);
  // A setting of an extension has two parts; each is an identifier.
  const quoted = name.split(".").map(ident).join(".");
  if (!listSettings.has(name.toLowerCase())) return `${quoted} TO ${literal(value)}`;
  const items = value.match(/"(?:[^"]|"")*"|[^\s,"]+/g) ?? [""];
  return `${quoted} TO ${items.map((item) => literal(unquote(item))).join(", ")}`;
}

function unquote(item: string): string {
  return item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item;
}
