/** Reads pg_stat_statements, and says what to run where that cannot be done. Never resets it. */
import { ident, qualified } from "../db/identifier.ts";
import { howToPreload } from "../db/preload.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { counterNames, selectCounters, type Counters } from "./counters.ts";
import findExtension from "./extension.sql";
import { sorts, type SortName } from "./sort.ts";
import { ownMark } from "./text.ts";

/** The extension as it is installed in this database. */
export interface Source {
  /** Of the extension: "1.11". */
  readonly version: string;
  /** An update of the extension is waiting, as pg_upgrade leaves it. */
  readonly newestVersion: string | null;
  readonly schema: string;
  readonly columns: ReadonlySet<string>;
  /** The role sees the statements of others. */
  readonly readsAll: boolean;
  /** Tells two servers apart; null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly startedAt: string;
}

export interface Info {
  /** When all counters began; null before extension 1.9. */
  readonly since: string | null;
  /** How often the least used entries had to go; null before extension 1.9. */
  readonly evictions: number | null;
}

/** One entry of the view. */
export interface Entry extends Counters {
  /** `queryid`, a signed number of 64 bits. */
  readonly queryId: string;
  readonly role: string;
  readonly roleId: string;
  readonly database: string;
  /** False: run by a function. */
  readonly isTopLevel: boolean;
  readonly text: string;
  /** Extension 1.11 and newer: when this entry began. */
  readonly since: string | null;
}

export interface Choice {
  readonly sort: SortName;
  readonly limit: number;
  readonly minCalls: number;
  readonly role?: string | undefined;
  /** Undefined: every database of the server. */
  readonly database?: string | undefined;
  /** A piece of the text, in any case. */
  readonly matching?: string | undefined;
}

/** Counters of all entries of the choice's database and role, and how many are hidden. */
export interface Totals extends Pick<
  Counters,
  "calls" | "totalMs" | "planMs" | "sharedHit" | "sharedRead" | "walBytes"
> {
  readonly entries: number;
  /** Entries of others, whose text this role may not see. */
  readonly hidden: number;
}

/**
 * Finds the extension; nothing of it is read from search_path.
 *
 * @throws PgwrightError `statistics-missing` with the exact lines to run.
 */
export async function openStatistics(session: Session): Promise<Source> {
  const row = await session.one<{
    version: string | null;
    schema: string | null;
    newestVersion: string | null;
    columns: string[] | null;
    isLoaded: boolean;
    readsAll: boolean;
    canReadIdentity: boolean;
    startedAt: string;
  }>(findExtension);
  const { database } = session.server;
  const { version, schema, columns, isLoaded } = row;
  if (version === null || schema === null || columns === null) {
    const create = `\`CREATE EXTENSION pg_stat_statements;\` in ${ident(database)}, as a superuser`;
    const offers = row.newestVersion !== null;
    throw new PgwrightError(
      "statistics-missing",
      `the database \`${database}\` has no extension pg_stat_statements${offers ? "" : ", and the server does not offer it"}`,
      {
        hint: !offers
          ? `install PostgreSQL's contrib package, then ${await howToPreload(session, "pg_stat_statements")}, then ${create}`
          : isLoaded
            ? create
            : `${await howToPreload(session, "pg_stat_statements")}, then ${create}`,
      },
    );
  }
  if (!isLoaded) throw await notLoaded(session);
  const { newestVersion, readsAll, startedAt } = row;
  const systemIdentifier = row.canReadIdentity
    ? (
        await session.one<{ id: string }>(
          `select ${ownMark} system_identifier::text as id from pg_catalog.pg_control_system()`,
        )
      ).id
    : null;
  return {
    version,
    newestVersion: newestVersion === version ? null : newestVersion,
    schema,
    columns: new Set(columns),
    readsAll,
    systemIdentifier,
    startedAt,
  };
}

async function notLoaded(session: Session, cause?: unknown): Promise<PgwrightError> {
  return new PgwrightError(
    "statistics-missing",
    "pg_stat_statements is created here, but the server has not loaded it at its start, so nothing is recorded",
    { cause, hint: await howToPreload(session, "pg_stat_statements") },
  );
}

/** When the counters began, and what was lost since. */
export async function readInfo(session: Session, source: Source): Promise<Info> {
  if (versionOf(source) < 9) return { since: null, evictions: null };
  return readGuarded(session, source, () =>
    session.one<Info>(
      `select ${ownMark} to_json(stats_reset) #>> '{}' as since, dealloc::float8 as evictions
       from ${qualified(source.schema, "pg_stat_statements_info")}`,
    ),
  );
}

/** The second number: 11 of "1.11". */
export function versionOf({ version }: Source): number {
  return Number(version.split(".")[1] ?? 0);
}

/** Not hidden, and none of our own. */
const isListed = `s.queryid is not null and position('${ownMark}' in s.query) = 0`;

/**
 * The entries that come first in an order. What is not shown does not leave the server.
 *
 * @throws PgwrightError `statistics-missing` where a right is missing.
 */
export function readEntries(session: Session, source: Source, choice: Choice): Promise<Entry[]> {
  const parameters: (string | number)[] = [choice.minCalls];
  const conditions = ["s.calls >= $1", isListed, ...where(choice, parameters)];
  if (choice.matching !== undefined) {
    parameters.push(choice.matching);
    conditions.push(`position(lower($${parameters.length}) in lower(s.query)) > 0`);
  }
  return readGuarded(session, source, () =>
    session.query<Entry>(
      `${selectEntries(source)}
where ${conditions.join(" and ")}
order by ${sorts[choice.sort].sql(source.columns)} desc nulls last, s.queryid
limit ${choice.limit}`,
      parameters,
    ),
  );
}

/** Every entry of the connected database, for a snapshot. */
export function readAllEntries(session: Session, source: Source): Promise<Entry[]> {
  return readGuarded(session, source, () =>
    session.query<Entry>(
      `${selectEntries(source)}\nwhere ${isListed} and d.datname = current_database()`,
    ),
  );
}

/** The entries of one query; the id in the decimal form of the view. */
export function readQuery(session: Session, source: Source, queryId: string): Promise<Entry[]> {
  return readGuarded(session, source, () =>
    session.query<Entry>(
      `${selectEntries(source)}
where s.queryid = $1::text::bigint and d.datname = current_database()
order by s.calls desc`,
      [queryId],
    ),
  );
}

/** The ids of this database's queries, without reading their texts. */
export async function readIds(session: Session, source: Source): Promise<string[]> {
  const rows = await readGuarded(session, source, () =>
    session.query<{ id: string }>(
      `select distinct s.queryid::text as id from ${qualified(source.schema, "pg_stat_statements")}(false) s
       where s.queryid is not null and s.dbid = (select oid from pg_database where datname = current_database())`,
    ),
  );
  return rows.map(({ id }) => id);
}

/** The texts stay where they are: their file is not read for this. */
export function readTotals(
  session: Session,
  source: Source,
  choice: Pick<Choice, "role" | "database">,
): Promise<Totals> {
  const parameters: (string | number)[] = [];
  const conditions = ["true", ...where(choice, parameters)];
  const names = ["calls", "totalMs", "planMs", "sharedHit", "sharedRead", "walBytes"];
  return readGuarded(session, source, () =>
    session.one<Totals>(
      `select ${ownMark} count(*)::int as entries, count(*) filter (where queryid is null)::int as hidden,
       ${names.map((name) => `coalesce(sum("${name}"), 0) as "${name}"`).join(", ")}
from (select s.queryid, ${selectCounters(source.columns)}
      from ${qualified(source.schema, "pg_stat_statements")}(false) s
      left join pg_roles r on r.oid = s.userid
      left join pg_database d on d.oid = s.dbid
      where ${conditions.join(" and ")}) one`,
      parameters,
    ),
  );
}

function where({ role, database }: Pick<Choice, "role" | "database">, parameters: unknown[]) {
  const conditions: string[] = [];
  if (role !== undefined) {
    parameters.push(role);
    conditions.push(`r.rolname = $${parameters.length}`);
  }
  if (database !== undefined) {
    parameters.push(database);
    conditions.push(`d.datname = $${parameters.length}`);
  }
  return conditions;
}

function selectEntries({ schema, columns }: Source): string {
  return `select ${ownMark} s.queryid::text as "queryId", coalesce(r.rolname::text, s.userid::text) as role, s.userid::text as "roleId",
       coalesce(d.datname::text, s.dbid::text) as database,
       ${columns.has("toplevel") ? "s.toplevel" : "true"} as "isTopLevel",
       ${columns.has("stats_since") ? "to_json(s.stats_since) #>> '{}'" : "null::text"} as since,
       ${selectCounters(columns)},
       s.query as text
from ${qualified(schema, "pg_stat_statements")} s
left join pg_roles r on r.oid = s.userid
left join pg_database d on d.oid = s.dbid`;
}

/** What may go wrong between finding the view and reading it: rights on its schema or on itself. */
async function readGuarded<T>(
  session: Session,
  { schema }: Source,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const role = ident(session.server.role);
    if (hasSqlState(error, "42501")) {
      throw new PgwrightError(
        "statistics-missing",
        `the role \`${session.server.role}\` may not read pg_stat_statements`,
        {
          cause: error,
          sqlstate: "42501",
          hint: `have its owner run:\n\`GRANT USAGE ON SCHEMA ${ident(schema)} TO ${role};\`\n\`GRANT SELECT ON ${qualified(schema, "pg_stat_statements")}, ${qualified(schema, "pg_stat_statements_info")} TO ${role};\`\n\`GRANT pg_read_all_stats TO ${role};\``,
        },
      );
    }
    throw error;
  }
}

/** The counters of an entry without the rest. */
export function countersOf(entry: Counters): Counters {
  return Object.fromEntries(counterNames.map((name) => [name, entry[name]])) as Counters;
}
