/** What a transaction changes in the catalogs that all databases of a server share. */
import type { Session } from "../db/session.ts";
import readOthers from "./shared-state.sql";

const catalogs = [
  "pg_authid",
  "pg_auth_members",
  "pg_db_role_setting",
  "pg_database",
  "pg_tablespace",
  "pg_parameter_acl",
  "pg_shdescription",
  "pg_shseclabel",
  "pg_replication_origin",
] as const;

interface Thing {
  readonly catalog: string;
  readonly id: string;
  readonly name: string;
  /** Oids of the roles that it is of. */
  readonly about: string;
  readonly print: string;
}

interface Writes {
  readonly catalog: string;
  readonly inserted: number;
  /** Rows changed or deleted. */
  readonly changed: number;
}

export interface SharedState {
  readonly things: ReadonlyMap<string, Thing>;
  readonly writes: ReadonlyMap<string, Writes>;
  /** A password can be seen to change. */
  readonly seesPasswords: boolean;
}

const counted = (kind: string) => `pg_catalog.pg_stat_get_xact_tuples_${kind}(c.oid)`;
const ofCatalogs = `from pg_catalog.pg_class c where c.relname in (${catalogs.map((name) => `'${name}'`).join()}) and c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace`;
const allWrites = `select sum(${counted("inserted")} + ${counted("updated")} + ${counted("deleted")})::text ${ofCatalogs}`;
const mark = "pgwright.shared_writes";

/** SQLSTATE of the error by which `leavesShared` ends a transaction. */
export const sharedTouched = "PGWR1";

/** SQL for the beginning of a transaction that `leavesShared` ends. */
export const notesShared = `select pg_catalog.set_config('${mark}', (${allWrites}), true)`;

/**
 * SQL for the end: an error when the transaction has written to a shared catalog since `notesShared`, or
 * where the server does not count what it writes.
 */
export const leavesShared = `do $pgwright$ begin
  if pg_catalog.current_setting('track_counts') = 'off'
    or pg_catalog.current_setting('${mark}', true) is distinct from (${allWrites}) then
    raise exception 'a shared catalog is written to' using errcode = '${sharedTouched}';
  end if;
end $pgwright$`;

const select = (print: string, from: string) =>
  `select 'pg_authid' as catalog, r.oid::text as id, pg_catalog.format('role %I', r.rolname) as name, r.oid::text as about, pg_catalog.md5(${print}) as print from pg_catalog.${from} r`;

/** In a transaction, and of it. */
export async function readShared(session: Session): Promise<SharedState> {
  const { seesPasswords } = await session.one<{ seesPasswords: boolean }>(
    `select pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'select') as "seesPasswords"`,
  );
  const roles = seesPasswords ? select("r::text", "pg_authid") : select("r::text", "pg_roles");
  const things = await session.query<Thing>(`${roles}\nunion all\n${readOthers}`);
  const writes = await session.query<Writes>(
    `select c.relname as catalog, ${counted("inserted")}::int as inserted,
       (${counted("updated")} + ${counted("deleted")})::int as changed ${ofCatalogs}`,
  );
  return {
    things: new Map(things.map((thing) => [`${thing.catalog} ${thing.id}`, thing])),
    writes: new Map(writes.map((one) => [one.catalog, one])),
    seesPasswords,
  };
}

export interface SharedChange {
  /** "role app": what was there before and would be another now, or gone. */
  readonly changed: readonly string[];
  /** Oids and names of roles that are new. */
  readonly made: ReadonlyMap<string, string>;
}

/**
 * What of it the transaction has changed between the two. What it does to a role that is `own`, or that it
 * has made, harms nobody.
 */
export function changesBetween(
  before: SharedState,
  after: SharedState,
  own: ReadonlySet<string>,
): SharedChange {
  const made = new Map<string, string>();
  for (const [key, { catalog, id, name }] of after.things) {
    if (catalog === "pg_authid" && !before.things.has(key)) made.set(id, name);
  }
  const isOwn = ({ about }: Thing) =>
    about.split(",").some((role) => own.has(role) || made.has(role));
  // What others change meanwhile is no matter of this transaction.
  const grew = (catalog: string, kind: "inserted" | "changed") =>
    (after.writes.get(catalog)?.[kind] ?? 0) > (before.writes.get(catalog)?.[kind] ?? 0);
  const changed = new Set<string>();
  for (const [key, thing] of before.things) {
    const now = after.things.get(key);
    if (now?.print === thing.print || !grew(thing.catalog, "changed") || isOwn(thing)) continue;
    // No database can be dropped in a transaction: somebody else did.
    if (now || thing.catalog !== "pg_database") changed.add(thing.name);
  }
  for (const [key, thing] of after.things) {
    if (before.things.has(key) || ["pg_authid", "pg_database"].includes(thing.catalog)) continue;
    if (grew(thing.catalog, "inserted") && !isOwn(thing)) changed.add(thing.name);
  }
  const mayHidePassword = !after.seesPasswords && grew("pg_authid", "changed");
  if (mayHidePassword && changed.size === 0) changed.add("a role, perhaps its password,");
  return { changed: [...changed], made };
}
