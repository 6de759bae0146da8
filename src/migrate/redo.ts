/** `pgwright redo`: the last migration down and up again, under one lock. */
import { PgwrightError } from "../errors.ts";
import { readMigrations } from "./file.ts";
import type { MigrateOptions, MigrateResult } from "./migrate.ts";
import { migrateWith, refuseLoneStatements } from "./migrate.ts";
import type { Migrator } from "./migrator.ts";
import { withMigrator } from "./migrator.ts";
import { unknownVersion } from "./plan.ts";
import { prepare, refuseInvalid } from "./prepare.ts";
import type { RollbackOptions, RollbackResult } from "./rollback.ts";
import { rollbackWith } from "./rollback.ts";
import { schemaVersionOf } from "./schema-version.ts";

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
  return withMigrator(options, async (migrator) => {
    const ledger = await migrator.ledger();
    const last = ledger.applied.at(-1);
    if (!last) {
      throw new PgwrightError("version-unknown", "there is nothing to do again: none is applied", {
        hint: "`pgwright migrate` applies what is pending",
      });
    }
    await refuseUnappliable(migrator, options, last);
    const down = await rollbackWith(migrator, { ...options, steps: 1, all: false, to: undefined });
    try {
      const up = await migrateWith(migrator, {
        ...options,
        only: last.version,
        to: undefined,
        steps: undefined,
      });
      return { down, up };
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

/** What can be known to be wrong with the file is known before the rollback. */
async function refuseUnappliable(
  migrator: Migrator,
  options: MigrateOptions,
  last: { readonly version: string; readonly order: bigint },
): Promise<void> {
  const directory = await readMigrations(options.directory);
  refuseInvalid(directory.findings);
  const file = directory.migrations.find(({ order }) => order === last.order);
  if (!file) throw unknownVersion(last.version);
  const prepared = await prepare([file], [], schemaVersionOf([]));
  if (migrator.isPooled) refuseLoneStatements(prepared);
}
