/** `pgwright redo`: the last migration down and up again, under one lock. */
import type { MigrateOptions, MigrateResult } from "./migrate.ts";
import { migrateWith } from "./migrate.ts";
import { withMigrator } from "./migrator.ts";
import { unknownVersion } from "./plan.ts";
import type { RollbackOptions, RollbackResult } from "./rollback.ts";
import { rollbackWith } from "./rollback.ts";

export interface RedoResult {
  readonly down: RollbackResult;
  readonly up: MigrateResult;
}

/**
 * Rolls back the migration applied last and applies its file again, changed or not.
 *
 * @throws PgwrightError as `rollback` and `migrate`.
 */
export async function redo(options: MigrateOptions & RollbackOptions): Promise<RedoResult> {
  return withMigrator(options, async (migrator) => {
    const ledger = await migrator.ledger();
    const last = ledger.applied.at(-1);
    if (!last) throw unknownVersion("of the last migration: none is applied");
    const down = await rollbackWith(migrator, { ...options, steps: 1, all: false, to: undefined });
    const up = await migrateWith(migrator, {
      ...options,
      only: last.version,
      to: undefined,
      steps: undefined,
    });
    return { down, up };
  });
}
