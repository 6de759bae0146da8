/** `pgwright setup`: from nothing, or from anything before, to the complete current database. */
import { createDatabase } from "../database/create.ts";
import { isMissingDatabase, type DatabaseTarget } from "../database/target.ts";
import type { MigrateOptions, MigrateResult } from "../migrate/migrate.ts";
import { readMigrations } from "../migrate/file.ts";
import { readLedger } from "../migrate/ledger.ts";
import { migrate } from "../migrate/migrate.ts";
import { schemaVersionOf } from "../migrate/schema-version.ts";
import type { AppliedPolicies, ApplyPoliciesOptions } from "../policies/apply.ts";
import describeSchemas from "./overview.sql";
import { bringData, prepareSeeds, seedsFollow, type SeedChoice, type SetupData } from "./data.ts";
import { applyAfterMigrate } from "./policies.ts";

export interface SchemaOverview {
  readonly schema: string;
  readonly tables: number;
  readonly partitions: number;
  readonly views: number;
  readonly indexes: number;
  /** The planner's estimate, exact after a small seed; null where nothing was ever analysed. */
  readonly rows: number | null;
}

export interface SetupResult {
  /** False when everything was there already. */
  readonly hasChanged: boolean;
  readonly createdDatabase: boolean;
  readonly createdLedger: boolean;
  readonly migrations: MigrateResult;
  /** Null where the database is ahead of the files. */
  readonly policies: AppliedPolicies | null;
  /** Whether seeds/ was applied, and which tables it filled; those filled by triggers or SQL apart. */
  readonly seeds: SetupData["seeds"];
  /** Materialized views that were filled for the first time. */
  readonly refreshed: readonly string[];
  readonly schemas: readonly SchemaOverview[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

export interface SetupOptions extends MigrateOptions, ApplyPoliciesOptions {
  readonly target: DatabaseTarget;
  readonly seeding: SeedChoice;
}

/**
 * Creates the database if it is missing, applies every pending migration, brings about what
 * `policies/` declares, fills tables that are all empty from `seeds/`, and refreshes materialized
 * views that are not populated. A second run changes nothing; one after an interrupt goes on.
 *
 * Policies come before rows, as `pgwright seed` would find the database: their partitions are there
 * to take the rows, and their triggers record them.
 *
 * @throws PgwrightError as `migrate`, `applyPolicies`, `prepareSeeds` and `bringData`.
 */
export async function setup(options: SetupOptions): Promise<SetupResult> {
  const { dryRun } = options;
  const { prepared, hadLedger } = await lookBefore(options);
  const {
    created: createdDatabase,
    exists,
    sql,
  } = await createDatabase(options.target, { dryRun });
  if (!exists) return rehearseInNothing(options, sql, typeof prepared !== "string");
  const migrations = await migrate(options);
  // What a policy needs may come with a pending migration: a dry run cannot compare them before.
  const isAhead = dryRun && migrations.notAttempted.length > 0;
  const policies = isAhead ? undefined : await applyAfterMigrate(options, migrations);
  const isCurrent = policies !== undefined || isAhead;
  const data = await bringData(options, isCurrent ? prepared : "not-current");
  const { schema, table } = options.ledger;
  await using session = await options.open({ writes: false });
  const schemas = await session.query<SchemaOverview>(describeSchemas, [schema, table]);
  const createdLedger = !hadLedger && !dryRun;
  const hasChanged =
    createdDatabase ||
    createdLedger ||
    migrations.applied.length + migrations.repeated.length > 0 ||
    (policies?.applied.length ?? 0) > 0 ||
    data.seeds.state === "filled" ||
    data.refreshed.length > 0;
  if (data.seeds.state === "not-asked" && hasChanged) {
    const message = "seeds/ is not applied: `--with-seed` fills the tables of this database";
    options.events({ type: "notice", level: "info", message });
  }
  return {
    hasChanged,
    createdDatabase,
    createdLedger,
    migrations,
    policies: policies ?? null,
    seeds: data.seeds,
    refreshed: data.refreshed,
    schemas,
    ...(migrations.sql === undefined ? {} : { sql: rehearsedSql(migrations, policies, data) }),
  };
}

function rehearsedSql(
  { sql = "", notAttempted }: MigrateResult,
  policies: AppliedPolicies | undefined,
  data: SetupData,
): string {
  const then =
    notAttempted.length > 0 ? "-- then what policies/ declares\n" : (policies?.sql ?? "");
  return [sql, then, data.sql.map((line) => `${line}\n`).join("")].filter(Boolean).join("\n");
}

/** What decides about seeds, and whether there is a ledger, before anything is changed. */
async function lookBefore({ open, ledger, seeding, isProtected }: SetupOptions) {
  try {
    await using session = await open({ writes: false, direct: true });
    return {
      prepared: await prepareSeeds(seeding, { isProtected }, session),
      hadLedger: (await readLedger(session, ledger)).exists,
    };
  } catch (error) {
    if (!isMissingDatabase(error)) throw error;
    return {
      prepared: await prepareSeeds(seeding, { isProtected }, undefined),
      hadLedger: false,
    };
  }
}

/** A dry run where even the database is missing: what follows its creation is named only. */
async function rehearseInNothing(
  { directory }: SetupOptions,
  create: readonly string[],
  isSeeding: boolean,
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
    seeds: { state: isSeeding ? "planned" : "none", tables: [] },
    refreshed: [],
    schemas: [],
    sql: [
      ...create.map((statement) => `${statement};\n`),
      ...files.map((name) => `-- then ${name}\n`),
      "-- then what policies/ declares\n",
      ...(isSeeding ? [`${seedsFollow}\n`] : []),
    ].join(""),
  };
}
