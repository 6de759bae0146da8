/** `pgwright baseline`: an existing database is taken over, after proof that the files made it. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { dumpSchema } from "../schema/dump.ts";
import { compareSql } from "./compare.ts";
import type { MigrationFile } from "./file.ts";
import { readMigrations } from "./file.ts";
import { readLedger } from "./ledger.ts";
import { directFrame, dryServer } from "./frame.ts";
import { insertLedgerSql, logSql } from "./ledger-sql.ts";
import { readySql } from "./make-ready.ts";
import type { MigratorOptions } from "./migrator.ts";
import { withMigrator } from "./migrator.ts";
import { orderOf, unknownVersion } from "./plan.ts";
import { prepare, recordOf, refuseInvalid } from "./prepare.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { namingServerErrors } from "./server-error.ts";
import { dumpOfFiles, policyStates } from "./throwaway.ts";
import { writeTransaction, runTransaction } from "./transaction.ts";

export interface BaselineOptions extends MigratorOptions {
  readonly directory: string;
  /** The last version whose work the database already holds. */
  readonly at: string;
  /** Compare without who owns what: a restored copy may belong to someone else. */
  readonly omitOwners: boolean;
  /** Opens another database of the same server, for the throwaway copy. */
  readonly openOther: (database: string) => Promise<Session>;
  /** Prove and print; nothing is recorded. */
  readonly dryRun: boolean;
}

export interface BaselineResult {
  readonly recorded: readonly string[];
  readonly schemaVersion: string;
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

/** A difference of more lines than this is cut: it is not the proof that is read then. */
const shownLines = 120;

/**
 * Records the files up to `at` as applied without running them here. They are run in a throwaway
 * database of the same server, and the dump of that must equal the dump of this one.
 *
 * @throws PgwrightError `baseline-refused` when the ledger has rows, `baseline-differs` with the
 *   difference, and whatever applying the files throws.
 */
export async function baseline(options: BaselineOptions): Promise<BaselineResult> {
  const directory = await readMigrations(options.directory);
  refuseInvalid(directory.findings);
  const order = orderOf(options.at);
  const files = directory.migrations.filter((file) => file.order <= order);
  if (files.at(-1)?.order !== order) throw unknownVersion(options.at);
  const { migrations } = await prepare(files, [], schemaVersionOf([]));
  const { ledger, author } = options;
  const reason = "the dump of the files equals the dump of the database";
  const after = migrations.flatMap((prepared) => [
    insertLedgerSql(ledger, prepared.file),
    logSql(ledger, { ...recordOf(prepared), event: "baseline", reason }, author),
  ]);
  const sql = await namingServerErrors(async () => {
    await using session = await options.open({ writes: !options.dryRun, direct: true });
    const read = await readLedger(session, ledger);
    if (read.applied.length > 0) throw usedLedger();
    await prove(session, options, files);
    const frame = directFrame(options, dryServer(session));
    return [
      await readySql(session, options, read),
      writeTransaction({ before: frame.transaction, statements: [], after }),
    ].join("\n");
  });
  const schemaVersion = migrations.at(-1)?.schemaVersion ?? schemaVersionOf([]);
  if (options.dryRun) return { recorded: [], schemaVersion: schemaVersionOf([]), sql };
  return withMigrator(options, async (migrator) => {
    if ((await migrator.ledger()).applied.length > 0) throw usedLedger();
    await migrator.retrying("baseline", () =>
      runTransaction(migrator.session, {
        before: migrator.frame.transaction,
        statements: [],
        after,
      }),
    );
    return { recorded: files.map((file) => file.name), schemaVersion };
  });
}

/** Before the lock and the ledger, so that a refusal leaves nothing behind. */
async function prove(
  session: Session,
  options: BaselineOptions,
  files: readonly MigrationFile[],
): Promise<void> {
  const { sql: actual } = await dumpSchema(session, {
    ledger: { ...options.ledger, content: "none" },
    omitOwners: options.omitOwners,
  });
  const hasPolicies = (await options.loadKeeper?.(options.events)) !== undefined;
  let nearest: readonly string[] | undefined;
  for (const policies of hasPolicies ? policyStates : (["none"] as const)) {
    const expected = await dumpOfFiles(options, files, policies);
    if (actual === expected) return;
    const { diff } = await compareSql(expected, actual);
    if (!nearest || diff.length < nearest.length) nearest = diff;
  }
  throw differs(nearest ?? [], options.at);
}

function usedLedger(): PgwrightError {
  return new PgwrightError("baseline-refused", "the ledger has rows already", {
    notes: ["nothing was changed"],
    hint: "a database is taken over once, before its first `pgwright migrate`; `pgwright status` shows what is recorded",
  });
}

function differs(diff: readonly string[], at: string): PgwrightError {
  const cut = diff.length - shownLines;
  return new PgwrightError(
    "baseline-differs",
    `the migrations up to ${at} do not give this database`,
    {
      notes: [
        "- what the files give, + what the database has:",
        ...diff.slice(0, shownLines),
        ...(cut > 0 ? [`… and ${cut} lines more`] : []),
        "nothing was recorded",
      ],
      hint: "write the missing parts into a migration up to that version, name another version with --at, or pass --no-owner if only owners differ",
    },
  );
}
