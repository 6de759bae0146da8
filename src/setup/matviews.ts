/** Materialized views that nobody can read before they are refreshed for the first time. */
import { ident, qualified } from "../db/identifier.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import type { Migrator, MigratorOptions } from "../migrate/migrator.ts";
import selectViews from "./unpopulated.sql";

interface View {
  readonly schema: string;
  readonly name: string;
}

type Limits = Pick<MigratorOptions, "role" | "lockTimeoutMs" | "statementTimeoutMs">;

/** As SQL, in an order that mostly works: what a view reads is older than the view. */
export async function planRefresh(session: Session): Promise<string[]> {
  return (await session.query<View>(selectViews, [false])).map(refreshStatement);
}

function refreshStatement({ schema, name }: View): string {
  return `REFRESH MATERIALIZED VIEW ${qualified(schema, name)}`;
}

/**
 * Refreshes those that are not populated; their names. One that reads another one is refused by the
 * server (55000) until that is filled, and tried again after the others.
 *
 * @throws PostgresError; what was refreshed before it stays so.
 */
export async function refreshUnpopulated(
  { session, retrying, options: { events } }: Migrator,
  limits: Limits,
): Promise<string[]> {
  const done: string[] = [];
  let waiting = await session.query<View>(selectViews, [false]);
  while (waiting.length > 0) {
    const before = done.length;
    const refused: { readonly view: View; readonly error: unknown }[] = [];
    for (const view of waiting) {
      const title = `refresh ${view.schema}.${view.name}`;
      const started = performance.now();
      events({ type: "step-started", title });
      try {
        await retrying(title, () => runAlone(session, refreshStatement(view), limits));
      } catch (error) {
        events({ type: "step-failed", title, durationMs: performance.now() - started });
        if (!hasSqlState(error, "55000")) throw error;
        refused.push({ view, error });
        continue;
      }
      events({ type: "step-finished", title, durationMs: performance.now() - started });
      done.push(`${view.schema}.${view.name}`);
    }
    if (refused.length > 0 && done.length === before) throw refused[0]?.error;
    waiting = refused.map(({ view }) => view);
  }
  return done;
}

/**
 * Empties all of them before tables are filled that were empty. They say then that they are not
 * populated, which is the truth, and whoever comes after an interrupt knows what is left to do.
 */
export async function emptyViews({ session, retrying }: Migrator, limits: Limits): Promise<void> {
  for (const view of await session.query<View>(selectViews, [true])) {
    const statement = `${refreshStatement(view)} WITH NO DATA`;
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
