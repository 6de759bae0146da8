/**
 * What a large empty table gets after its rows instead of row by row, within the one transaction.
 *
 * Indexes: sorting 200,000 users once takes 0.8 s, and finding a place for each of them in five
 * indexes 1.9 s; beyond the size of shared_buffers the difference grows. Foreign keys: 106,000 likes
 * with two of them take 9 s, and 4 s without; adding the two again, which PostgreSQL checks by one join
 * each, takes 0.2 s.
 */
import { qualified } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import type { Table } from "./catalog.ts";
import selectLateIndexes from "./late-indexes.sql";
import selectLateKeys from "./late-keys.sql";
import { readReaches } from "./trigger-reach.ts";

export interface LateIndex {
  readonly name: string;
  /** The statement that takes it away before the rows come. */
  readonly remove: string;
  /** The statement that gives it back as it was. */
  readonly build: string;
}

export interface LateKey extends LateIndex {
  /** The table it refers to, as SQL. */
  readonly parent: string;
}

export interface Late {
  readonly indexes: readonly LateIndex[];
  readonly keys: readonly LateKey[];
}

export const nothingLate: Late = { indexes: [], keys: [] };

/** With fewer rows, taking away and building take longer than they save. */
export const fewestRows = 20_000;

interface IndexRow extends LateIndex {
  readonly id: number;
  /** pg_class.oid */
  readonly table: string;
  /** Foreign keys from the table to itself that need it. */
  readonly ownKeys: readonly string[];
}

interface KeyRow extends LateKey {
  readonly table: string;
}

/** By the table's oid. What a table's triggers may need while its rows come is left out. */
export async function findLate(session: Session): Promise<ReadonlyMap<string, Late>> {
  const reaches = await readReaches(session);
  const late = new Map<string, { indexes: LateIndex[]; keys: LateKey[] }>();
  const of = (table: string) => {
    const known = late.get(table) ?? { indexes: [], keys: [] };
    late.set(table, known);
    return known;
  };
  for (const { table, ...key } of await session.query<KeyRow>(selectLateKeys)) {
    if (reaches.get(table)?.toDeletes !== true) of(table).keys.push(key);
  }
  for (const { table, ownKeys, id: _, ...index } of await session.query<IndexRow>(
    selectLateIndexes,
  )) {
    const { indexes, keys } = of(table);
    const isFree = ownKeys.every((own) => keys.some(({ name }) => name === own));
    if (isFree && reaches.get(table)?.toItself !== true) indexes.push(index);
  }
  return late;
}

/**
 * Takes them away until the caller gives them back, within the open transaction. False where
 * somebody else uses one of the tables, or where a check that is put off to the commit still has to
 * look at one: then nothing is taken away, and the rows come one by one.
 */
export async function removeLate(session: Session, table: Table, late: Late): Promise<boolean> {
  const { indexes, keys } = late;
  if (indexes.length + keys.length === 0) return false;
  const only = table.isPartitioned ? "" : "only ";
  const parents = new Set(keys.map(({ parent }) => parent));
  await session.query("savepoint pgwright_late");
  try {
    await session.query(
      `lock table ${only}${qualified(table.schema, table.name)} in access exclusive mode nowait`,
    );
    for (const parent of parents) {
      await session.query(`lock table ${parent} in access exclusive mode nowait`);
    }
    for (const { remove } of [...keys, ...indexes]) await session.query(remove);
    await session.query("release savepoint pgwright_late");
    return true;
  } catch (error) {
    // lock_not_available; object_in_use: "it has pending trigger events".
    if (!isPostgresError(error) || !["55P03", "55006"].includes(error.code)) throw error;
    await session.query("rollback to savepoint pgwright_late");
    return false;
  }
}

export async function buildIndexes(session: Session, { indexes }: Late): Promise<void> {
  // The database's own tablespace is what they had; another one may be preset for new tables.
  await session.query("set local default_tablespace = ''");
  // With its parts and its comment, an index is several statements.
  for (const { build } of indexes) await session.script(build);
}

/** @throws PostgresError 23503 as a row that refers to nothing would have. */
export async function addKeys(session: Session, { keys }: Late): Promise<void> {
  for (const { build } of keys) await session.script(build);
}
