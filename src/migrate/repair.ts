/** `pgwright repair`: corrections of the ledger by hand; no schema is touched. */
import { PgwrightError } from "../errors.ts";
import type { MigrationFile } from "./file.ts";
import { readMigrations } from "./file.ts";
import { directFrame, dryServer } from "./frame.ts";
import type { AppliedMigration, Ledger } from "./ledger.ts";
import type { LogEntry } from "./ledger-sql.ts";
import { readLedger } from "./ledger.ts";
import { ledgerName } from "./ledger-place.ts";
import { deleteLedgerSql, insertLedgerSql, logSql } from "./ledger-sql.ts";
import { literal } from "../db/identifier.ts";
import { readySql } from "./make-ready.ts";
import type { MigratorOptions } from "./migrator.ts";
import { withMigrator } from "./migrator.ts";
import { orderOf, unknownVersion } from "./plan.ts";
import { prepare, recordOf } from "./prepare.ts";
import { namingServerErrors } from "./server-error.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { writeTransaction, runTransaction } from "./transaction.ts";

export type RepairKind = "checksum" | "applied" | "reverted";

export interface RepairOptions extends MigratorOptions {
  readonly directory: string;
  readonly kind: RepairKind;
  readonly version: string;
  /** Goes into the log. */
  readonly reason: string;
  readonly dryRun: boolean;
}

export interface RepairResult {
  readonly kind: RepairKind;
  readonly version: string;
  readonly file: string | null;
  /** In words: "the ledger has the checksum of the file now". */
  readonly done: string;
  readonly sql?: string;
}

interface Repair {
  readonly row: { version: string; file: string | null };
  readonly statements: readonly string[];
  readonly done: string;
}

/**
 * - `checksum`: the file of an applied migration was changed on purpose; the ledger and the stored
 *   texts take over what the file says now.
 * - `applied`: the migration's work is done, by hand or half by hand; it is recorded as applied.
 * - `reverted`: the migration's work is undone; it is recorded as not applied, and an open journal
 *   of it is closed.
 *
 * @throws PgwrightError `version-unknown`, `repair-refused` when the ledger says so already.
 */
export async function repair(options: RepairOptions): Promise<RepairResult> {
  if (options.dryRun) return namingServerErrors(() => rehearse(options));
  return withMigrator(options, async (migrator) => {
    const planned = await planRepair(await migrator.ledger(), options);
    const before = migrator.frame.transaction;
    await migrator.retrying("repair", () =>
      runTransaction(migrator.session, { before, statements: [], after: planned.statements }),
    );
    return describe(planned, options);
  });
}

/** Reads and prints only. */
async function rehearse(options: RepairOptions): Promise<RepairResult> {
  await using session = await options.open({ writes: false, direct: true });
  const ledger = await readLedger(session, options.ledger);
  const planned = await planRepair(ledger, options);
  const before = directFrame(options, dryServer(session)).transaction;
  const sql = writeTransaction({ before, statements: [], after: planned.statements });
  const first = await readySql(session, options, ledger);
  return { ...describe(planned, options), sql: first === "" ? sql : `${first}\n${sql}` };
}

function describe({ row, done }: Repair, { kind }: RepairOptions): RepairResult {
  return { kind, version: row.version, file: row.file, done };
}

async function planRepair(ledger: Ledger, options: RepairOptions): Promise<Repair> {
  const order = orderOf(options.version);
  const applied = ledger.applied.find((row) => row.order === order);
  const journal = ledger.journals.find((open) => open.order === order);
  const directory = await readMigrations(options.directory);
  const file = directory.migrations.find((candidate) => candidate.order === order);
  if (!applied && !file && !journal) throw unknownVersion(options.version);
  const before = schemaVersionOf(ledger.applied);
  if (options.kind === "reverted") {
    if (!applied && !journal)
      throw refused(`${file?.name ?? options.version} is not recorded as applied`);
    return planReverted(options, applied?.version ?? journal?.version, applied, file);
  }
  // Its rollback was cut off, and what it had undone is restored: it is applied as it was.
  if (options.kind === "applied" && applied && journal) {
    return planRestored(options, applied);
  }
  if (!file) {
    throw refused(`there is no file for ${options.version} to take the text from`);
  }
  const wantsApplied = options.kind === "applied";
  if (wantsApplied && applied) throw refused(`${applied.version} is applied already`);
  if (!wantsApplied && !applied) throw refused(`${file.version} is not applied`);
  if (!wantsApplied && applied?.checksum === file.checksum) {
    throw refused(`the checksum of ${file.name} is right already`);
  }
  const entry = {
    ...(await describeFile(file, before, options.reason)),
    event: wantsApplied ? ("repair" as const) : ("checksum" as const),
  };
  const row = { version: applied?.version ?? file.version, file: file.name };
  const log = logSql(options.ledger, { ...entry, version: row.version }, options.author);
  return wantsApplied
    ? {
        row,
        statements: [insertLedgerSql(options.ledger, file), log],
        done: `${file.name} is recorded as applied; none of its SQL was run`,
      }
    : {
        row,
        statements: [
          `update ${ledgerName(options.ledger)} set checksum = ${literal(file.checksum)} where version = ${literal(row.version)}`,
          log,
        ],
        done: `the ledger has the checksum and the texts of ${file.name} as it is now`,
      };
}

/** Closes the journal of a rollback that was cut off. The entry has no text of its own. */
function planRestored(options: RepairOptions, applied: AppliedMigration): Repair {
  const entry: LogEntry = {
    event: "repair",
    direction: "down",
    version: applied.version,
    file: applied.file ?? undefined,
    reason: options.reason,
  };
  return {
    row: { version: applied.version, file: applied.file },
    statements: [logSql(options.ledger, entry, options.author)],
    done: `${applied.file ?? applied.version} stays recorded as applied; its unfinished rollback is closed`,
  };
}

function planReverted(
  options: RepairOptions,
  recorded: string | undefined,
  applied: AppliedMigration | undefined,
  file: MigrationFile | undefined,
): Repair {
  const version = recorded ?? options.version;
  const name = file?.name ?? applied?.file ?? null;
  const entry: LogEntry = {
    event: "repair",
    direction: "down",
    version,
    file: name ?? undefined,
    reason: options.reason,
  };
  return {
    row: { version, file: name },
    statements: [
      ...(applied ? [deleteLedgerSql(options.ledger, version)] : []),
      logSql(options.ledger, entry, options.author),
    ],
    done: `${name ?? version} is recorded as not applied; none of its SQL was run`,
  };
}

/** The log entry of a file as it is now. */
async function describeFile(
  file: MigrationFile,
  schemaVersion: string,
  reason: string,
): Promise<Omit<LogEntry, "event">> {
  const { migrations } = await prepare([file], [], schemaVersion);
  const [prepared] = migrations;
  if (!prepared) throw new PgwrightError("internal", `${file.name} could not be prepared`);
  return { ...recordOf(prepared), reason };
}

function refused(message: string): PgwrightError {
  return new PgwrightError("repair-refused", message, {
    hint: "nothing was changed; `pgwright status` shows the ledger",
  });
}
