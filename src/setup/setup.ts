/** `pgwright setup`: from nothing, or from anything before, to the complete current database. */
import { createDatabase } from "../database/create.ts";
import type { DatabaseTarget } from "../database/target.ts";
import type { MigrateOptions, MigrateResult } from "../migrate/migrate.ts";
import { readMigrations } from "../migrate/file.ts";
import { readLedger } from "../migrate/ledger.ts";
import { migrate } from "../migrate/migrate.ts";
import { schemaVersionOf } from "../migrate/schema-version.ts";
import type { AppliedPolicies, ApplyPoliciesOptions } from "../policies/apply.ts";
import describeSchemas from "./overview.sql";
import { applyAfterMigrate } from "./policies.ts";

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
  readonly createdLedger: boolean;
  readonly migrations: MigrateResult;
  /** Null where the database is ahead of the files. */
  readonly policies: AppliedPolicies | null;
  readonly schemas: readonly SchemaOverview[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

export interface SetupOptions extends MigrateOptions, ApplyPoliciesOptions {
  readonly target: DatabaseTarget;
}

/**
 * Creates the database if it is missing, applies every pending migration, and brings about what
 * `policies/` declares. A second run changes nothing.
 *
 * @throws PgwrightError as `migrate` and `applyPolicies`.
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const { dryRun } = options;
  const {
    created: createdDatabase,
    exists,
    sql,
  } = await createDatabase(options.target, { dryRun });
  if (!exists) return rehearseInNothing(options, sql);
  const hadLedger = await hasLedger(options);
  const migrations = await migrate(options);
  // What a policy needs may come with a pending migration: a dry run cannot compare them before.
  const policies =
    dryRun && migrations.notAttempted.length > 0
      ? undefined
      : await applyAfterMigrate(options, migrations);
  const { schema, table } = options.ledger;
  await using session = await options.open({ writes: false });
  const schemas = await session.query<SchemaOverview>(describeSchemas, [schema, table]);
  const createdLedger = !hadLedger && !dryRun;
  const hasApplied = migrations.applied.length + migrations.repeated.length > 0;
  return {
    hasChanged:
      createdDatabase || createdLedger || hasApplied || (policies?.applied.length ?? 0) > 0,
    createdDatabase,
    createdLedger,
    migrations,
    policies: policies ?? null,
    schemas,
    ...(migrations.sql === undefined ? {} : { sql: rehearsedSql(migrations, policies) }),
  };
}

function rehearsedSql(
  { sql = "", notAttempted }: MigrateResult,
  policies?: AppliedPolicies,
): string {
  const then =
    notAttempted.length > 0 ? "-- then what policies/ declares\n" : (policies?.sql ?? "");
  return [sql, then].filter(Boolean).join("\n");
}

async function hasLedger({ open, ledger }: SetupOptions): Promise<boolean> {
  await using session = await open({ writes: false });
  return (await readLedger(session, ledger)).exists;
}

/** A dry run where even the database is missing: what follows its creation is named only. */
async function rehearseInNothing(
  { directory }: SetupOptions,
  create: readonly string[],
): Promise<SetupResult> {
  const files = (await readMigrations(directory)).migrations.map(({ name }) => name);
  return {
    hasChanged: false,
    createdDatabase: false,
    createdLedger: false,
    migrations: {
      applied: [],
      repeated: [],
      failed: null,
      notAttempted: files,
      schemaVersion: schemaVersionOf([]),
      left: [],
      ahead: [],
    },
    policies: null,
    schemas: [],
    sql: [
      ...create.map((statement) => `${statement};\n`),
      ...files.map((name) => `-- then ${name}\n`),
    ].join(""),
  };
}
