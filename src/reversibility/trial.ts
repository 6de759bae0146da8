/** One migration tried in a copy: up, down and up again, with a look at the schema in between. */
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import { loadParser } from "../db/script.ts";
import type { MigrationFile, readMigrations } from "../migrate/file.ts";
import type { LeaveOut } from "../migrate/migrate.ts";
import { migrate } from "../migrate/migrate.ts";
import type { MigratorOptions, Open } from "../migrate/migrator.ts";
import { rollback } from "../migrate/rollback.ts";
import type { DumpedSchema } from "../schema/dump.ts";
import { dumpObjects } from "../schema/dump.ts";
import { compareSchemas } from "./difference.ts";
import type { Difference } from "./difference.ts";

/** What running migrations needs, but for the database. */
export interface Ways {
  readonly migrator: Omit<MigratorOptions, "open">;
  readonly directory: string;
  readonly leaveOut: LeaveOut;
  readonly read: typeof readMigrations;
}

/** What the server said against a section. */
export interface Failure {
  readonly message: string;
  readonly sqlstate: string | undefined;
  readonly at: Location | undefined;
  readonly source: string | undefined;
}

/** What became of a migration; of steps that were not reached, nothing is there. */
export interface Trial {
  readonly upFailure?: Failure;
  /** The schema with the migration; undefined where it could not be applied. */
  readonly after?: DumpedSchema;
  readonly downFailure?: Failure;
  /** How the schema differs after the rollback from that before the migration. */
  readonly unrestored?: readonly Difference[];
  readonly againFailure?: Failure;
  /** How the schema differs after the second time from that after the first. */
  readonly unrepeated?: readonly Difference[];
}

/** Applies one migration and nothing else. */
export async function applyOne(ways: Ways, open: Open, file: MigrationFile): Promise<void> {
  await migrate({
    ...ways.migrator,
    open,
    directory: ways.directory,
    leaveOut: ways.leaveOut,
    read: ways.read,
    withoutRepeatables: true,
    only: file.version,
    outOfOrder: true,
    allowNewer: false,
    dryRun: false,
  });
}

/** Rolls back what was applied last, whatever it loses. */
export async function undoOne(ways: Ways, open: Open): Promise<void> {
  await rollback({
    ...ways.migrator,
    open,
    directory: ways.directory,
    leaveOut: ways.leaveOut,
    read: ways.read,
    steps: 1,
    all: false,
    allowDataLoss: true,
    dryRun: false,
  });
}

/**
 * Up, down, up.
 *
 * @param open of a copy in which everything before it is applied.
 * @param hasDown false for a migration without a way back: then it is only applied.
 * @throws PgwrightError for everything but a section that the server refuses.
 */
export async function tryMigration(
  ways: Ways,
  open: Open,
  file: MigrationFile,
  { before, hasDown }: { readonly before: DumpedSchema; readonly hasDown: boolean },
): Promise<Trial> {
  await loadParser();
  const upFailure = await attempt(() => applyOne(ways, open, file));
  if (upFailure) return { upFailure };
  const after = await look(ways, open);
  if (!hasDown) return { after };
  const downFailure = await attempt(() => undoOne(ways, open));
  if (downFailure) return { after, downFailure };
  const unrestored = compareSchemas(before, await look(ways, open));
  const againFailure = await attempt(() => applyOne(ways, open, file));
  if (againFailure) return { after, unrestored, againFailure };
  const unrepeated = compareSchemas(after, await look(ways, open));
  return { after, unrestored, unrepeated };
}

/** The schema of a copy, but for the ledger. */
export async function look({ migrator }: Ways, open: Open): Promise<DumpedSchema> {
  await using session = await open({ writes: false, direct: true });
  return await dumpObjects(session, { ledger: { ...migrator.ledger, content: "none" } });
}

/** Codes of errors that tell of the migration and not of the server, the run or the files. */
const refusals = ["sql-failed", "view-in-the-way", "index-invalid"];

/** The failure of a section; undefined when there was none. */
export async function attempt(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof PgwrightError) || !refusals.includes(error.code)) throw error;
    const { sqlstate, at, source } = error.details;
    return { message: error.message, sqlstate, at, source };
  }
}
