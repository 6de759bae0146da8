/** Looking without harm: a read-only transaction that neither waits nor lasts. */
import type { Session } from "./session.ts";

/**
 * SET LOCAL works behind a transaction pooler too. READ COMMITTED keeps no snapshot between two
 * statements, so nothing is held back on the server; just-in-time compiling of a catalog query with
 * a high estimate takes longer than the query; temporary tables must not hide catalogs; and row
 * security must fail loudly rather than hide rows.
 */
const begin = (statementTimeoutMs: number) => `begin isolation level read committed read only;
set local statement_timeout = ${Math.round(statementTimeoutMs)};
set local lock_timeout = '1s';
set local search_path = pg_catalog, pg_temp;
set local row_security = off;
set local jit = off`;

/**
 * What functions that take an oid raise when somebody drops the object between their finding it and
 * their opening it: undefined object or table, "cache lookup failed", "could not open relation".
 * Looked at again, such an object is simply not there.
 */
export const vanished: readonly string[] = ["42704", "42P01", "XX000"];

/** Runs `work` in such a transaction, which is rolled back whatever happens; 0 ms is no limit. */
export async function lookSafely<T>(
  session: Session,
  work: () => Promise<T> | T,
  { statementTimeoutMs = 5000 }: { readonly statementTimeoutMs?: number } = {},
): Promise<T> {
  try {
    await session.script(begin(statementTimeoutMs));
    return await work();
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
