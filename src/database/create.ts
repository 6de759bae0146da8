import { ident } from "../db/identifier.ts";
import { hasSqlState } from "../db/session.ts";
import { describeRefusal } from "./refusal.ts";
import { type DatabaseTarget, isMissingDatabase, openMaintenance } from "./target.ts";

export interface CreateOptions {
  readonly owner?: string | undefined;
  readonly template?: string | undefined;
  readonly dryRun: boolean;
}

export interface Created {
  readonly database: string;
  /** False when it was there already, or with `dryRun`. */
  readonly created: boolean;
  readonly exists: boolean;
  /** What was run, or would be. */
  readonly sql: readonly string[];
}

/**
 * Creates the configured database unless it exists, which is no error: several processes may do
 * this at once.
 *
 * @throws PgwrightError `sql-failed` when the server refuses, and the errors of connecting.
 */
export async function createDatabase(
  target: DatabaseTarget,
  options: CreateOptions,
): Promise<Created> {
  const { database } = target;
  if (await canOpen(target)) return { database, created: false, exists: true, sql: [] };
  const sql =
    `CREATE DATABASE ${ident(database)}` +
    (options.owner === undefined ? "" : ` OWNER ${ident(options.owner)}`) +
    (options.template === undefined ? "" : ` TEMPLATE ${ident(options.template)}`);
  if (options.dryRun) return { database, created: false, exists: false, sql: [sql] };
  await using session = await openMaintenance(target);
  try {
    await session.query(sql);
    return { database, created: true, exists: true, sql: [sql] };
  } catch (error) {
    // 42P04 it exists; 23505 the same, told by the catalog's index when two create it at once.
    if (hasSqlState(error, "42P04", "23505") && (await canOpen(target))) {
      return { database, created: false, exists: true, sql: [] };
    }
    throw describeRefusal(error, `database \`${database}\` could not be created`, {
      hint: `role \`${session.server.role}\` needs CREATEDB: ALTER ROLE ${ident(session.server.role)} CREATEDB`,
    });
  }
}

async function canOpen(target: DatabaseTarget): Promise<boolean> {
  try {
    await using _session = await target.open({ writes: false, direct: true });
    return true;
  } catch (error) {
    if (isMissingDatabase(error)) return false;
    throw error;
  }
}
