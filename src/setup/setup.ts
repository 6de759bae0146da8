/** `pgwright setup`: from nothing, or from anything before, to the complete current database. */
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
  /** Creates the database when the server has none of that name; true when it did. */
  readonly createDatabase: () => Promise<boolean>;
}

/**
 * Creates the database if it is missing and applies every pending migration. A second run changes
 * nothing.
 *
 * @throws PgwrightError as `migrate`.
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const createdDatabase = await options.createDatabase();
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
