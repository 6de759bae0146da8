/** The commands of this folder as functions for programs: a connection string is all they need. */
import { homedir, hostname, userInfo } from "node:os";
import { connect } from "../db/connect.ts";
import { resolveConnection } from "../db/libpq.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { version } from "../version.ts";
import type { MigrateResult } from "./migrate.ts";
import { migrate as runMigrate } from "./migrate.ts";
import type { MigratorOptions, Open } from "./migrator.ts";
import type { RedoResult } from "./redo.ts";
import { redo as runRedo } from "./redo.ts";
import type { RepairKind, RepairResult } from "./repair.ts";
import { repair as runRepair } from "./repair.ts";
import type { RollbackResult } from "./rollback.ts";
import { rollback as runRollback } from "./rollback.ts";
import type { StatusResult } from "./status.ts";
import { readStatus } from "./status.ts";

/** Which database and which files. Only `url` is needed; pgwright.yaml is not read. */
export interface ProjectOptions {
  /** What libpq takes: a URL, also with several hosts, or `host=… dbname=…`. */
  readonly url: string;
  /** The same database without a pooler, for what cannot go through one. */
  readonly directUrl?: string | undefined;
  /** Folder of the migrations, from the working directory; "migrations" unless given. */
  readonly directory?: string | undefined;
  /** Schema and table of the ledger; "public" and "schema_migrations" unless given. */
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  /** Role that owns what migrations create; the connected one unless given. */
  readonly role?: string | undefined;
  /** Marks the database as protected. */
  readonly isProtected?: boolean | undefined;
  /** Longest wait for one table lock, in milliseconds; 1,000 unless given, 0 is no limit. */
  readonly lockTimeoutMs?: number | undefined;
  /** All tries for the locks of one transaction; 120,000 unless given, 0 is a single try. */
  readonly lockBudgetMs?: number | undefined;
  /** Longest wait for another migrator; 300,000 unless given. */
  readonly lockWaitMs?: number | undefined;
  /** Longest run of one statement; 0, no limit, unless given. */
  readonly statementTimeoutMs?: number | undefined;
  /** `PG*` variables that complete the connection string, as `process.env`; none unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Hears what happens; nothing is ever written to the terminal. */
  readonly onEvent?: EventListener | undefined;
  /** Cancels the running statement, which is rolled back; the promise rejects with `interrupted`. */
  readonly signal?: AbortSignal | undefined;
}

export interface MigrateOptions extends ProjectOptions {
  /** The last version to apply. */
  readonly to?: string | undefined;
  /** At most this many. */
  readonly steps?: number | undefined;
  /** Apply late files with a lower number too. */
  readonly outOfOrder?: boolean | undefined;
  /** Run statements that would block others for long in a form that does not. */
  readonly online?: boolean | undefined;
  /** Go on although a newer release made a major change. */
  readonly allowNewer?: boolean | undefined;
  /** Only return the SQL, as `sql`. */
  readonly dryRun?: boolean | undefined;
}

export interface RollbackOptions extends ProjectOptions {
  /** How many; 1 unless `to` or `all` says otherwise. */
  readonly steps?: number | undefined;
  /** The version that stays applied. */
  readonly to?: string | undefined;
  readonly all?: boolean | undefined;
  /** Go on although rows or values are lost. */
  readonly allowDataLoss?: boolean | undefined;
  /** Keep what would be lost, and put it back when the migration is applied again. */
  readonly keepData?: boolean | undefined;
  /** Only return the SQL, as `sql`. */
  readonly dryRun?: boolean | undefined;
}

export interface RedoOptions extends ProjectOptions {
  /** Go on although rows or values are lost. */
  readonly allowDataLoss?: boolean | undefined;
  /** Keep what would be lost, and put it back when the migration is applied again. */
  readonly keepData?: boolean | undefined;
  /** Only return the SQL, as `down.sql` and `up.sql`. */
  readonly dryRun?: boolean | undefined;
}

export interface RepairOptions extends ProjectOptions {
  readonly kind: RepairKind;
  readonly version: string;
  /** Goes into the log. */
  readonly reason: string;
  readonly dryRun?: boolean | undefined;
}

/** What holds where an option is not given; the same as the command line's. */
export const projectDefaults = {
  directory: "migrations",
  schema: "public",
  table: "schema_migrations",
  lockTimeoutMs: 1_000,
  lockBudgetMs: 120_000,
  lockWaitMs: 300_000,
  statementTimeoutMs: 0,
} as const;

/**
 * Applies pending migrations, as `pgwright migrate` does: one process at a time, each file one
 * transaction together with its ledger row.
 *
 * @example await migrate({ url: "postgres://localhost/app", directory: "db/migrations" });
 * @throws PgwrightError with a `code`, an `exit` (3: nothing was committed, safe to try again), and
 *   in `details` where and why, what to do, and `result` with what was applied until then.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  refuseUnknown(options, migrateOptions);
  return runMigrate({
    ...migratorOptions(options),
    to: options.to,
    steps: options.steps,
    outOfOrder: options.outOfOrder ?? false,
    online: options.online,
    allowNewer: options.allowNewer ?? false,
    dryRun: options.dryRun ?? false,
  });
}

/**
 * Undoes the migration applied last, or several, as `pgwright rollback` does.
 *
 * @throws PgwrightError, `data-loss` when rows would be lost; as `migrate` otherwise.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackResult> {
  refuseUnknown(options, rollbackOptions);
  return runRollback({
    ...migratorOptions(options),
    to: options.to,
    steps: options.steps,
    all: options.all ?? false,
    allowDataLoss: options.allowDataLoss ?? false,
    keepData: options.keepData ?? false,
    dryRun: options.dryRun ?? false,
  });
}

/**
 * Undoes the migration applied last and applies its file again.
 *
 * @throws PgwrightError as `rollback` and `migrate`.
 */
export async function redo(options: RedoOptions): Promise<RedoResult> {
  refuseUnknown(options, redoOptions);
  return runRedo({
    ...migratorOptions(options),
    all: false,
    allowDataLoss: options.allowDataLoss ?? false,
    keepData: options.keepData ?? false,
    outOfOrder: true,
    allowNewer: false,
    dryRun: options.dryRun ?? false,
  });
}

/**
 * Corrects the ledger; runs no SQL of any migration.
 *
 * @throws PgwrightError `repair-refused`, `version-unknown`.
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  refuseUnknown(options, repairOptions);
  return runRepair({
    ...migratorOptions(options),
    kind: options.kind,
    version: options.version,
    reason: options.reason,
    dryRun: options.dryRun ?? false,
  });
}

/**
 * What is applied, what is pending, and what does not fit together. Reads only, takes no lock.
 *
 * @throws PgwrightError when the database or the files cannot be read.
 */
export async function status(options: ProjectOptions): Promise<StatusResult> {
  refuseUnknown(options, projectOptions);
  const { open, directory, ledger } = migratorOptions(options);
  await using session = await open({ writes: false });
  return await readStatus(session, { directory, ledger });
}

// Types do not exist at run time, and a misspelt option would be ignored in silence.
const projectOptions: Record<keyof ProjectOptions, true> = {
  url: true,
  directUrl: true,
  directory: true,
  schema: true,
  table: true,
  role: true,
  isProtected: true,
  lockTimeoutMs: true,
  lockBudgetMs: true,
  lockWaitMs: true,
  statementTimeoutMs: true,
  environment: true,
  onEvent: true,
  signal: true,
};
const migrateOptions: Record<keyof MigrateOptions, true> = {
  ...projectOptions,
  to: true,
  steps: true,
  outOfOrder: true,
  online: true,
  allowNewer: true,
  dryRun: true,
};
const rollbackOptions: Record<keyof RollbackOptions, true> = {
  ...projectOptions,
  steps: true,
  to: true,
  all: true,
  allowDataLoss: true,
  keepData: true,
  dryRun: true,
};
const redoOptions: Record<keyof RedoOptions, true> = {
  ...projectOptions,
  allowDataLoss: true,
  keepData: true,
  dryRun: true,
};
const repairOptions: Record<keyof RepairOptions, true> = {
  ...projectOptions,
  kind: true,
  version: true,
  reason: true,
  dryRun: true,
};

/** @throws PgwrightError `usage` for an option that does not exist, and without `url`. */
function refuseUnknown(options: unknown, known: Readonly<Record<string, true>>): void {
  const given: object = typeof options === "object" && options !== null ? options : {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new PgwrightError("usage", `there is no option \`${unknown}\``, {
      hint: `the options are ${Object.keys(known).join(", ")}`,
    });
  }
  if (!("url" in given) || typeof given.url !== "string") {
    throw new PgwrightError("usage", "the option `url` is missing or no text", {
      hint: "name the database: `{ url: process.env.DATABASE_URL }`",
    });
  }
}

function migratorOptions(options: ProjectOptions): MigratorOptions & { directory: string } {
  return {
    open: opener(options),
    directory: options.directory ?? projectDefaults.directory,
    ledger: {
      schema: options.schema ?? projectDefaults.schema,
      table: options.table ?? projectDefaults.table,
    },
    role: options.role,
    isProtected: options.isProtected ?? false,
    lockTimeoutMs: options.lockTimeoutMs ?? projectDefaults.lockTimeoutMs,
    lockBudgetMs: options.lockBudgetMs ?? projectDefaults.lockBudgetMs,
    lockWaitMs: options.lockWaitMs ?? projectDefaults.lockWaitMs,
    statementTimeoutMs: options.statementTimeoutMs ?? projectDefaults.statementTimeoutMs,
    author: { host: hostname(), toolVersion: version },
    events: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
}

function opener({ url, directUrl, environment = {}, signal }: ProjectOptions): Open {
  const person = { homeDirectory: homedir(), userName: userInfo().username };
  const place = resolveConnection({ url, environment, ...person });
  const direct =
    directUrl === undefined ? place : resolveConnection({ url: directUrl, environment, ...person });
  return ({ writes, direct: isDirect }) =>
    connect(isDirect ? direct : place, { applicationName: "pgwright", writes, signal });
}
