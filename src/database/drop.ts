import { setTimeout as sleep } from "node:timers/promises";
import { ident } from "../db/identifier.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { confirmByName, type Consent, requireConsentPossible } from "./confirm.ts";
import { type DatabaseProperties, readProperties } from "./properties.ts";
import { describeRefusal } from "./refusal.ts";
import selectSessions from "./database-sessions.sql";
import { type DatabaseTarget, mayBeDestroyed, openMaintenance, refuseByName } from "./target.ts";

export interface DropOptions {
  readonly consent: Consent;
  /** End the sessions of others instead of refusing because of them. */
  readonly disconnect: boolean;
  readonly dryRun: boolean;
}

export interface Dropped {
  readonly database: string;
  /** False when there was none, or with `dryRun`. */
  readonly dropped: boolean;
  readonly existed: boolean;
  /** What was run, or would be. */
  readonly sql: readonly string[];
}

/**
 * Drops the configured database, after the consent that names it.
 *
 * @throws PgwrightError `confirmation-needed`, `database-protected`, `database-busy`, `sql-failed`.
 */
export async function dropDatabase(target: DatabaseTarget, options: DropOptions): Promise<Dropped> {
  const { database } = target;
  const { consent, dryRun } = options;
  refuseByName(target, "drop");
  if (!dryRun) requireConsentPossible(consent, database, "pgwright db drop");
  if (!(await mayBeDestroyed(target, "drop"))) {
    return { database, dropped: false, existed: false, sql: [] };
  }
  const sql = [dropStatement(database, options.disconnect)];
  if (dryRun) return { database, dropped: false, existed: true, sql };
  await using session = await openMaintenance(target);
  const sessions = await readSessions(session, database);
  if (!options.disconnect) refuseBusy(database, sessions);
  const size = describeSize(await readProperties(session, database));
  const question = `Drop database ${database}${size}${describeOthers(sessions)}?`;
  await confirmByName(consent, database, "pgwright db drop", question);
  await runDrop(session, database, options.disconnect);
  return { database, dropped: true, existed: true, sql };
}

export function dropStatement(database: string, disconnect: boolean): string {
  return `DROP DATABASE ${ident(database)}${disconnect ? " WITH (FORCE)" : ""}`;
}

/** @throws PgwrightError `database-busy` when somebody came in meanwhile, `sql-failed`. */
export async function runDrop(
  session: Session,
  database: string,
  disconnect: boolean,
): Promise<void> {
  try {
    await session.query(dropStatement(database, disconnect));
  } catch (error) {
    if (hasSqlState(error, "55006")) refuseBusy(database, await readSessions(session, database));
    throw describeRefusal(error, `database \`${database}\` could not be dropped`, {
      hint: `only its owner and superusers may; role \`${session.server.role}\` is neither`,
    });
  }
}

export interface Sessions {
  readonly count: number;
  /** "psql as app", without repetition. */
  readonly who: readonly string[];
}

/** Who is connected. Sessions get a second to end: our own one just did, and its backend may not know. */
export async function readSessions(session: Session, database: string): Promise<Sessions> {
  for (let attempt = 1; ; attempt++) {
    const found = await session.one<Sessions>(selectSessions, [database]);
    if (found.count === 0 || attempt === 20) return found;
    await sleep(50);
  }
}

/** @throws PgwrightError `database-busy`. */
export function refuseBusy(database: string, { count, who }: Sessions): void {
  if (count === 0) return;
  const sessions = count === 1 ? "1 other session is" : `${count} other sessions are`;
  throw new PgwrightError("database-busy", `${sessions} connected to database \`${database}\``, {
    notes: who.slice(0, 10).map((one) => `connected: ${one}`),
    hint: "end them, or let pgwright do it with `--disconnect`",
  });
}

/** " (12 MB)" */
export function describeSize(properties: DatabaseProperties | undefined): string {
  const bytes = properties?.bytes ?? undefined;
  if (bytes === undefined) return "";
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  return ` (${Math.round(bytes / 1024 ** power)} ${units[power]})`;
}

/** " and end 2 other sessions" */
export function describeOthers({ count }: Sessions): string {
  return count === 0 ? "" : ` and end ${count} other ${count === 1 ? "session" : "sessions"}`;
}
