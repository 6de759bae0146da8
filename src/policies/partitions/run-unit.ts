/** Runs the statements of one unit as one transaction of the migrator, with its retries. */
import { ident } from "../../db/identifier.ts";
import type { Migrator } from "../../migrate/migrator.ts";

export interface RoleStatement {
  readonly sql: string;
  /** Role that it runs as; null is the connected one. */
  readonly role: string | null;
}

/**
 * Shorter than the standard deadlock_timeout of 1 s: an ATTACH locks the referenced tables and the
 * default partition one after the other, and when another transaction has them the other way round,
 * it is this one that gives up and tries again, not the application's.
 */
const longestLockWaitMs = 500;

/**
 * Runs the statements in one transaction, one message; tries again after a lock timeout. Gives back
 * the rows that they returned.
 *
 * @throws PostgresError as the server sent it; PgwrightError `lock-timeout`.
 */
export async function runUnit(
  migrator: Migrator,
  title: string,
  statements: readonly RoleStatement[],
): Promise<Record<string, unknown>[]> {
  const { session, options } = migrator;
  const started = performance.now();
  options.events({ type: "step-started", title });
  let rows: Record<string, unknown>[] = [];
  try {
    await migrator.retrying(title, async () => {
      rows = [];
      try {
        await session.script(printUnit(migrator, statements), (row) => rows.push(row));
      } catch (error) {
        if (!session.isDead) await session.settle("rollback");
        throw error;
      }
    });
  } catch (error) {
    options.events({ type: "step-failed", title, durationMs: performance.now() - started });
    throw error;
  }
  migrator.committed += 1;
  options.events({ type: "step-finished", title, durationMs: performance.now() - started });
  return rows;
}

function printUnit({ frame, options }: Migrator, statements: readonly RoleStatement[]): string {
  const { lockTimeoutMs } = options;
  const wait = Math.min(lockTimeoutMs === 0 ? longestLockWaitMs : lockTimeoutMs, longestLockWaitMs);
  return [
    "begin isolation level read committed",
    ...frame.transaction,
    `set local lock_timeout = ${wait}`,
    ...underRoles(statements),
    "commit",
  ].join(";\n");
}

/** The statements with SET LOCAL ROLE where the role changes. */
export function underRoles(statements: readonly RoleStatement[]): string[] {
  let current: string | null | undefined;
  return statements.flatMap(({ sql, role }) => {
    const change =
      role === current ? [] : [`set local role ${role === null ? "none" : ident(role)}`];
    current = role;
    return [...change, sql];
  });
}

/** Reads in a transaction of the migrator's frame that is rolled back. */
export async function reading<T>(migrator: Migrator, read: () => Promise<T>): Promise<T> {
  const { session, frame } = migrator;
  await session.script(["begin isolation level read committed", ...frame.transaction].join(";\n"));
  try {
    return await read();
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
