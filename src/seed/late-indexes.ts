/**
 * Indexes that are built after the rows: sorting 200,000 users once takes 0.8 s, and finding a place
 * for each of them in five indexes 1.9 s; beyond the size of shared_buffers the difference grows.
 */
import { qualified } from "../db/identifier.ts";
import { isPostgresError, type Session } from "../db/session.ts";
import type { Table } from "./catalog.ts";
import selectLateIndexes from "./late-indexes.sql";

export interface LateIndex {
  readonly name: string;
  /** The statement that takes it away before the rows come. */
  readonly remove: string;
  /** The statement that gives it back as it was. */
  readonly build: string;
}

/** With fewer rows, taking away and building take longer than they save. */
export const fewestRows = 20_000;

/** By the table's oid. */
export async function findLateIndexes(session: Session): Promise<Map<string, LateIndex[]>> {
  const rows = await session.query<LateIndex & { readonly table: string }>(selectLateIndexes);
  const found = new Map<string, LateIndex[]>();
  for (const { table, name, remove, build } of rows) {
    const indexes = found.get(table) ?? [];
    found.set(table, [...indexes, { name, remove, build }]);
  }
  return found;
}

/**
 * Takes the indexes away until the caller builds them, within the open transaction. False where
 * somebody else uses the table: then nothing is taken away, and the rows come one by one.
 */
export async function removeIndexes(
  session: Session,
  table: Table,
  indexes: readonly LateIndex[],
): Promise<boolean> {
  if (indexes.length === 0) return false;
  await session.query("savepoint pgwright_indexes");
  try {
    await session.query(
      `lock table only ${qualified(table.schema, table.name)} in access exclusive mode nowait`,
    );
    for (const { remove } of indexes) await session.query(remove);
    await session.query("release savepoint pgwright_indexes");
    return true;
  } catch (error) {
    if (!isPostgresError(error) || error.code !== "55P03") throw error;
    await session.query("rollback to savepoint pgwright_indexes");
    return false;
  }
}

export async function buildIndexes(session: Session, indexes: readonly LateIndex[]): Promise<void> {
  // The database's own tablespace is what they had; another one may be preset for new tables.
  await session.query("set local default_tablespace = ''");
  for (const { build } of indexes) await session.query(build);
}
