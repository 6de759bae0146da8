/** `pgwright seed`: fills the tables of a database with data that its schema accepts. */
import { ident } from "../db/identifier.ts";
import { loadParser } from "../db/script.ts";
import { isPostgresError, type PostgresError, type Session } from "../db/session.ts";
import { refuseWhenProtected } from "../database/protection.ts";
import { type Location, PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { type Catalog, readCatalog } from "./catalog.ts";
import { loadDictionary } from "./dictionary.ts";
import { type LoadedTable, loadRows } from "./load.ts";
import type { DeclaredPartitions } from "../policies/partitions/declared.ts";
import type { MadePartition } from "./partitions.ts";
import { type Choice, chooseFilled, type PlannedTable, planSeed, type SeedPlan } from "./plan.ts";
import type { SeedRequest } from "./request.ts";
import { Impossible } from "./scope.ts";
import { type Counter, settleCounters, watchCounters } from "./verify.ts";
import { checkValues } from "./fitting.ts";
import { checkNames } from "./names.ts";
import { emptyTables } from "./truncate.ts";
import type { ReferenceFile } from "./reference.ts";
import { runReference } from "./reference.ts";

export interface SeedOptions extends Choice {
  readonly request: SeedRequest;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Role that owns the tables; undefined stays the connected one. */
  readonly role: string | undefined;
  readonly isProtected: boolean;
  readonly truncate: boolean;
  readonly allowDataLoss: boolean;
  readonly dryRun: boolean;
  /** seeds/*.sql, in the order of their names. */
  readonly reference: readonly ReferenceFile[];
  /** Where the files name tables and columns. */
  readonly places: ReadonlyMap<string, Location>;
  /** What policies/ declares; undefined makes no partitions. */
  readonly partitions?: DeclaredPartitions | undefined;
  readonly lockTimeoutMs: number;
  readonly events: EventListener;
}

export interface SeedResult {
  readonly seed: string;
  readonly asOf: string;
  readonly tables: readonly PlannedTable[];
  /** Partitions that policies/ declares and the data needs. */
  readonly partitions: readonly MadePartition[];
  /** Tables that had rows and were left as they are. */
  readonly kept: readonly string[];
  /** Empty in a dry run. */
  readonly loaded: readonly LoadedTable[];
  readonly isDryRun: boolean;
}

/**
 * Everything happens in one transaction: after a failure, an interrupt or a lost connection the
 * database is as it was.
 *
 * @throws PgwrightError `database-protected`, `seed-impossible`, `data-loss`, `sql-failed`.
 */
export async function seed(session: Session, options: SeedOptions): Promise<SeedResult> {
  const { request, dryRun } = options;
  const what = `seed \`${session.server.database}\``;
  await refuseWhenProtected(session, what);
  if (options.isProtected) {
    throw new PgwrightError(
      "database-protected",
      `refusing to ${what}: its environment says \`protected: true\``,
      { hint: "seed another environment" },
    );
  }
  await loadParser();
  const words = await loadDictionary(request.locale);
  try {
    await session.script(begin(options));
    let catalog = await readTables(session, options);
    checkNames(catalog, options);
    await checkValues(session, catalog, options);
    const emptied = options.truncate ? await emptyTables(session, catalog, options) : undefined;
    // Reference data comes after: it would be emptied with the rest.
    await runReference(session, options.reference, options);
    const partitions = await makeDeclared(session, catalog, options);
    if (partitions.length > 0) catalog = await readTables(session, options);
    const plan = await planSeed(session, catalog, request, words, options);
    const loaded = dryRun
      ? []
      : await fill(session, catalog, plan, emptied?.counters ?? [], options);
    if (dryRun) await session.settle("rollback");
    else await session.query("commit");
    return {
      seed: request.seed,
      asOf: new Date(request.asOf * 1000).toISOString(),
      tables: plan.tables,
      partitions,
      // What reference data filled again after it was emptied was not left as it was.
      kept: plan.kept.filter((table) => emptied?.tables.includes(table) !== true),
      loaded,
      isDryRun: dryRun,
    };
  } catch (error) {
    if (!session.isDead) await session.settle("rollback");
    throw explain(error, options.role ?? session.server.role);
  }
}

async function readTables(session: Session, { ledger }: SeedOptions): Promise<Catalog> {
  const { schema, table } = ledger;
  return await readCatalog(session, [
    { schema, table },
    { schema, table: `${table}_log` },
  ]);
}

async function makeDeclared(
  session: Session,
  catalog: Catalog,
  options: SeedOptions,
): Promise<MadePartition[]> {
  const { partitions, request, events } = options;
  if (!partitions) return [];
  const { filled } = await chooseFilled(session, catalog, request, options);
  const { makePartitions } = await import("./partitions.ts");
  return await makePartitions(session, partitions, filled, request.asOf, events);
}

async function fill(
  session: Session,
  catalog: Catalog,
  plan: SeedPlan,
  watched: readonly Counter[],
  { request, events }: SeedOptions,
): Promise<LoadedTable[]> {
  const rows = plan.groups.flat();
  const filled = new Map(
    rows.map(({ table, present }) => [table.oid, { hadRows: present !== undefined }]),
  );
  const counters = await watchCounters(session, catalog, request, filled, watched);
  const loaded = await loadRows(session, plan, events);
  await session.query("set constraints all immediate");
  await settleCounters(session, counters);
  return loaded;
}

function begin({ role, lockTimeoutMs }: SeedOptions): string {
  return [
    "begin",
    ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
    "set local row_security = off",
    "set local timezone = 'UTC'",
    "set local datestyle = 'ISO, YMD'",
    "set local intervalstyle = 'postgres'",
    "set local extra_float_digits = 1",
    "set local statement_timeout = 0",
    // The checks of foreign keys against partitioned tables are planned anew for every row otherwise:
    // 86,000 likes of posts in 28 partitions take 14.6 s then, and 6.1 s with kept plans.
    "set local plan_cache_mode = force_generic_plan",
    `set local lock_timeout = ${Math.round(lockTimeoutMs)}`,
  ].join(";\n");
}

/** What the server refused, by table and constraint; nothing is left of it. */
function explain(error: unknown, role: string): unknown {
  if (error instanceof Impossible) {
    return new PgwrightError("seed-impossible", "a table cannot be filled; nothing was written", {
      notes: [error.message],
      hint: "say in a file of seeds/ how such a column is filled, or give the table fewer `rows`, or none",
    });
  }
  if (!isPostgresError(error)) return error;
  if (error.code === "42501") return explainRights(error, role);
  const { schema_name: schema, table_name: table, constraint_name: constraint } = error;
  const place = table === undefined ? "" : ` in ${schema}.${table}`;
  return new PgwrightError(
    "sql-failed",
    `the server refused rows${place}: ${error.message}; nothing was written`,
    {
      cause: error,
      sqlstate: error.code,
      notes: [
        ...(constraint === undefined ? [] : [`constraint: ${constraint}`]),
        ...(error.detail === undefined ? [] : [`detail: ${error.detail}`]),
        ...(error.where === undefined ? [] : [`where: ${error.where}`]),
      ],
      hint: error.message.startsWith("no partition of relation")
        ? `make a partition for it, or one for everything: create table ${schema}.${table}_default partition of ${schema}.${table} default`
        : "a file of seeds/ can say how its columns are filled; `rows: 0` leaves a table out",
    },
  );
}

/** SQLSTATE 42501: a right is missing, or row level security would hide rows from the plan. */
function explainRights(error: PostgresError, role: string): PgwrightError {
  const isHidden = error.message.includes("row-level security");
  return new PgwrightError(
    "sql-failed",
    `${role} may not fill the tables: ${error.message}; nothing was written`,
    {
      cause: error,
      sqlstate: error.code,
      hint: isHidden
        ? `policies apply to ${role}: seed as the tables' owner (without FORCE ROW LEVEL SECURITY) or as a role with BYPASSRLS; \`migrations.role\` names it`
        : `${role} needs SELECT and INSERT on the tables, USAGE on their schemas, SELECT and UPDATE on their sequences, and TEMPORARY on the database; \`migrations.role\` names the owner to become`,
    },
  );
}
