/** `pgwright setup`: from nothing, or from anything before, to the complete current database. */
import { createDatabase } from "../database/create.ts";
import type { DatabaseTarget } from "../database/target.ts";
import type { MigrateOptions, MigrateResult } from "../migrate/migrate.ts";
import { migrate } from "../migrate/migrate.ts";
import describeSchemas from "./overview.sql";

export interface SchemaOverview {
  readonly schema: string;
  readonly tables: number;
  readonly partitions: number;
  readonly views: number;
  readonly indexes: number;
}

export interface SetupResult {
  /** False when everything was there already. */
  readonly hasChanged: boolean;
  readonly createdDatabase: boolean;
  readonly migrations: MigrateResult;
  readonly schemas: readonly SchemaOverview[];
}

export interface SetupOptions extends MigrateOptions {
  readonly target: DatabaseTarget;
}

/**
 * Creates the database if it is missing and applies every pending migration. A second run changes
 * nothing.
 *
 * @throws PgwrightError as `migrate`.
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const { created: createdDatabase } = await createDatabase(options.target, { dryRun: false });
  const migrations = await migrate(options);
  await using session = await options.open({ writes: false });
  const schemas = await session.query<SchemaOverview>(describeSchemas);
  return {
    hasChanged: createdDatabase || migrations.applied.length + migrations.repeated.length > 0,
    createdDatabase,
    migrations,
    schemas,
  };
}
