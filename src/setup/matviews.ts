/** Materialized views before the tables that they read are filled. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Migrator, MigratorOptions } from "../migrate/migrator.ts";
import selectViews from "./matviews.sql";

type Limits = Pick<MigratorOptions, "role" | "lockTimeoutMs" | "statementTimeoutMs">;

/**
 * Empties all of them before tables are filled that were empty. They say then that they are not
 * populated, which is the truth, and whoever comes after an interrupt knows what is left to do.
 */
export async function emptyViews({ session, retrying }: Migrator, limits: Limits): Promise<void> {
  const views = await session.query<{ schema: string; name: string }>(selectViews);
  for (const { schema, name } of views) {
    const statement = `REFRESH MATERIALIZED VIEW ${qualified(schema, name)} WITH NO DATA`;
    await retrying(statement, () => runAlone(session, statement, limits));
  }
}

/** In a transaction of its own, as the role that owns what migrations make. */
export async function runAlone(
  session: Session,
  statement: string,
  { role, lockTimeoutMs, statementTimeoutMs }: Limits,
): Promise<void> {
  const begin = [
    "begin",
    ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
    `set local lock_timeout = ${Math.round(lockTimeoutMs)}`,
    `set local statement_timeout = ${Math.round(statementTimeoutMs)}`,
  ].join(";\n");
  try {
    await session.script(`${begin};\n${statement};\ncommit`);
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw error;
  }
}
