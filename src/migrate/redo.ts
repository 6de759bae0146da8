/** `pgwright redo`: the last migration down and up again, under one lock. */
import { PgwrightError } from "../errors.ts";
import { readMigrations } from "./file.ts";
import type { AppliedMigration, Ledger } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import type { MigrateOptions, MigrateResult } from "./migrate.ts";
import { migrateWith, refuseLoneStatements, rehearseUp } from "./migrate.ts";
import { withMigrator } from "./migrator.ts";
import { unknownVersion } from "./plan.ts";
import { prepare, refuseInvalid } from "./prepare.ts";
import type { RollbackOptions, RollbackResult } from "./rollback.ts";
import { rehearseDown, rollbackWith } from "./rollback.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { namingServerErrors } from "./server-error.ts";

export interface RedoResult {
  readonly down: RollbackResult;
  readonly up: MigrateResult;
}

/**
 * Rolls back the migration applied last and applies its file again, changed or not.
 *
 * @throws PgwrightError as `rollback` and `migrate`; once the rollback is done the error says so.
 */
export async function redo(options: MigrateOptions & RollbackOptions): Promise<RedoResult> {
  if (options.dryRun) return namingServerErrors(() => rehearse(options));
  return withMigrator(options, async (migrator) => {
    const last = lastOf(await migrator.ledger());
    await refuseUnappliable(options, last, migrator.isPooled);
    const down = await rollbackWith(migrator, oneDown(options));
    try {
      return { down, up: await migrateWith(migrator, onlyUp(options, last)) };
    } catch (error) {
      if (!(error instanceof PgwrightError)) throw error;
      const { notes = [], result } = error.details;
      throw new PgwrightError(error.code, error.message, {
        ...error.details,
        notes: [...notes, `it is rolled back: ${down.rolledBack.map(({ file }) => file).join()}`],
        result: { down, up: result ?? null },
        exit: error.exit === 3 ? 4 : error.details.exit,
      });
    }
  });
}

/** Reads and prints only. */
async function rehearse(options: MigrateOptions & RollbackOptions): Promise<RedoResult> {
  await using session = await options.open({ writes: false, direct: true });
  const ledger = await readLedger(session, options.ledger);
  const last = lastOf(ledger);
  await refuseUnappliable(options, last, false);
  const down = await rehearseDown(session, oneDown(options), ledger);
  const applied = ledger.applied.filter((row) => row !== last);
  // Safe forms and the names in them are chosen by the catalog behind the rollback, which is not here yet.
  const asWritten = { ...onlyUp(options, last), online: false };
  const up = await rehearseUp(session, asWritten, { ...ledger, applied });
  if (options.online === true) {
    const message =
      "the up section is shown as it is written: which of its statements run in their safe form is decided behind the rollback";
    options.events({ type: "notice", level: "info", message });
  }
  return { down, up };
}

function lastOf({ applied }: Ledger): AppliedMigration {
  const last = applied.at(-1);
  if (last) return last;
  throw new PgwrightError("version-unknown", "there is nothing to do again: none is applied", {
    hint: "`pgwright migrate` applies what is pending",
  });
}

function oneDown(options: RollbackOptions): RollbackOptions {
  return { ...options, steps: 1, all: false, to: undefined };
}

function onlyUp(options: MigrateOptions, { version }: AppliedMigration): MigrateOptions {
  return { ...options, only: version, to: undefined, steps: undefined };
}

/** What can be known to be wrong with the file is known before the rollback. */
async function refuseUnappliable(
  options: MigrateOptions,
  last: AppliedMigration,
  isPooled: boolean,
): Promise<void> {
  const directory = await readMigrations(options.directory);
  refuseInvalid(directory.findings);
  const file = directory.migrations.find(({ order }) => order === last.order);
  if (!file) throw unknownVersion(last.version);
  const prepared = await prepare([file], [], schemaVersionOf([]));
  if (!isPooled) return;
  refuseLoneStatements(prepared);
  if (options.online !== true) return;
  throw new PgwrightError(
    "pooler-refused",
    `${file.name}: what runs online may have to run outside a transaction, which cannot go through a transaction pooler`,
    {
      notes: ["which statements do so is decided behind the rollback; nothing was rolled back"],
      hint: "name the server itself with --direct-url, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml; or say --no-online",
    },
  );
}
