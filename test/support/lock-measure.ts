/** What a statement locks, scans and rewrites, as a server shows it. */
import { randomBytes } from "node:crypto";
import type postgres from "postgres";
import type { Fact, FactName, Work } from "../../src/locks/facts.ts";
import { factOf } from "../../src/locks/facts.ts";
import type { LockMode } from "../../src/locks/mode.ts";
import { lockModes } from "../../src/locks/mode.ts";
import { eventually } from "./eventually.ts";
import { base, lockExamples } from "./lock-examples.ts";

export interface Measured {
  readonly lock: LockMode | undefined;
  readonly work: Work;
  readonly other?: { readonly lock: LockMode | undefined; readonly work: Work };
}

/** Oid, file and indexes (those that have a file) of a relation, and how often this transaction has scanned it. */
const look = `
select c.oid::int as oid, pg_relation_filenode(c.oid)::text as file, pg_stat_get_xact_numscans(c.oid)::int as scans, pg_relation_size(c.oid)::int as bytes,
       (select coalesce(json_agg(pg_relation_filenode(indexrelid) order by indexrelid), '[]')
        from pg_index where indrelid = c.oid and pg_relation_filenode(indexrelid) is not null)::text as indexes
from pg_class c where c.relname = $1 and c.relnamespace <> 'pg_catalog'::regnamespace`;

interface Look {
  readonly oid: number;
  readonly file: string | null;
  readonly scans: number;
  readonly bytes: number;
  readonly indexes: string;
}

/** A statement that has no example on this server; the table of facts says since when it has. */
export function isKnown(name: FactName, version: number): boolean {
  return (factOf(name).since ?? 15) <= version;
}

/** The line of the table for an example, with `other` only where the example has one. */
export function expectedOf(name: FactName): Measured {
  const { lock, work, other, isUncounted }: Fact = factOf(name);
  return {
    lock,
    work: isUncounted ? "none" : work,
    ...(lockExamples[name].other !== undefined && other
      ? { other: { lock: other.lock, work: other.work ?? "none" } }
      : {}),
  };
}

/**
 * Runs the example of a fact in a schema of its own. In a transaction that is rolled back, where it
 * can be; otherwise once behind a lock that it must wait for, to see what it asks for, and then to
 * its end.
 */
export async function measureFact(sql: postgres.Sql, name: FactName): Promise<Measured> {
  const { setup = "", sql: written, table = "t", other } = lockExamples[name];
  const schema = "measured";
  await sql.unsafe(`drop schema if exists ${schema}, elsewhere cascade; create schema ${schema}`);
  await sql.unsafe("drop access method if exists heap2");
  const session = await sql.reserve();
  const tablespace = `pgwright_locks_${randomBytes(4).toString("hex")}`;
  const needsSpace = written.includes("{tablespace}");
  const statement = written.replace("{tablespace}", tablespace);
  try {
    if (needsSpace) {
      await session.unsafe("set allow_in_place_tablespaces = on");
      await session.unsafe(`create tablespace ${tablespace} location ''`);
    }
    await session
      .unsafe(`set search_path = ${schema}; set timezone = 'Europe/Berlin'; ${base}; ${setup}`)
      .simple();
    return factOf(name).runsAlone
      ? await measureAlone(sql, session, statement, { schema, table, other })
      : await measureInTransaction(session, statement, { table, other });
  } finally {
    if (needsSpace) await session.unsafe(`drop tablespace if exists ${tablespace}`);
    session.release();
  }
}

async function measureInTransaction(
  session: postgres.ReservedSql,
  statement: string,
  { table, other }: { table: string; other: string | undefined },
): Promise<Measured> {
  const names = [table, ...(other === undefined ? [] : [other])];
  await session.unsafe("begin");
  try {
    const before = await lookAt(session, names);
    await session.unsafe(statement);
    const after = await lookAt(session, names);
    const locks = await session<{ relation: number; mode: string }[]>`
      select relation::int, mode from pg_locks
      where pid = pg_backend_pid() and locktype = 'relation' and relation is not null`;
    const measured = names.map((name) => {
      const [was, is] = [before.get(name), after.get(name)];
      const oid = was?.oid ?? is?.oid;
      const modes = locks
        .filter(({ relation }) => relation === oid)
        .map(({ mode }) => asMode(mode));
      return { lock: strongest(modes), work: workBetween(was, is) };
    });
    const [first = { lock: undefined, work: "none" as const }, second] = measured;
    return { ...first, ...(second ? { other: second } : {}) };
  } finally {
    await session.unsafe("rollback");
  }
}

/** What is asked for in vain while another session holds the table; then it runs to its end. */
async function measureAlone(
  sql: postgres.Sql,
  session: postgres.ReservedSql,
  statement: string,
  { schema, table, other }: { schema: string; table: string; other: string | undefined },
): Promise<Measured> {
  const before = (await lookAt(session, [table])).get(table);
  const [{ pid } = { pid: 0 }] = await session<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const holder = await sql.reserve();
  /** The lock on `name` that is waited for, or held while something else is. */
  const askedFor = (name: string) =>
    eventually(async () => {
      const [row] = await holder<{ mode: string }[]>`
        select l.mode from pg_locks l join pg_class c on c.oid = l.relation
        where l.pid = ${pid} and c.relname = ${name} and not l.granted`;
      return row && asMode(row.mode);
    }, `a lock on ${name}`);
  try {
    await holder
      .unsafe(`begin; lock table only ${schema}.${table} in share update exclusive mode`)
      .simple();
    const outcome = session.unsafe(statement).then(
      () => undefined,
      (error: Error) => error,
    );
    const lock = await askedFor(table);
    let second: LockMode | undefined;
    if (other !== undefined) {
      // Its second transaction wants the partition, which the next reader is in the way of.
      const reader = await sql.reserve();
      await reader.unsafe(`begin; lock table ${schema}.${other} in access share mode`).simple();
      await holder.unsafe("commit");
      second = await askedFor(other);
      await reader.unsafe("commit");
      reader.release();
    } else {
      await holder.unsafe("commit");
    }
    const error = await outcome;
    if (error) throw error;
    const after = (await lookAt(session, [table])).get(table);
    return {
      lock,
      work: workBetween(before, after),
      ...(second ? { other: { lock: second, work: "none" as const } } : {}),
    };
  } finally {
    await holder.unsafe("rollback");
    holder.release();
  }
}

async function lookAt(
  session: postgres.ReservedSql,
  names: readonly string[],
): Promise<Map<string, Look>> {
  const found = new Map<string, Look>();
  for (const name of names) {
    const [row] = await session.unsafe<Look[]>(look, [name]);
    if (row) found.set(name, row);
  }
  return found;
}

function workBetween(before: Look | undefined, after: Look | undefined): Work {
  // Made or dropped by the statement: there is nothing that could take long.
  if (!before || !after) return "none";
  // An empty new file is that of TRUNCATE.
  if (before.file !== after.file && after.bytes > 0) return "rewrite";
  const files = JSON.parse(before.indexes) as number[];
  const isNewIndex = (JSON.parse(after.indexes) as number[]).some((file) => !files.includes(file));
  if (isNewIndex) return "index";
  return after.scans > before.scans ? "scan" : "none";
}

const asMode = (mode: string) =>
  mode
    .replace(/Lock$/, "")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase() as LockMode;

function strongest(modes: readonly LockMode[]): LockMode | undefined {
  return lockModes.findLast((mode) => modes.includes(mode));
}
