/** `pgwright partitions maintain`: makes the partitions what partitions.yaml declares. */
import { PgwrightError } from "../../errors.ts";
import type { ErrorCode } from "../../errors.ts";
import { hasSqlState, isPostgresError } from "../../db/session.ts";
import type { Migrator, MigratorOptions } from "../../migrate/migrator.ts";
import { withMigrator } from "../../migrate/migrator.ts";
import { serverNotes } from "../../migrate/server-error.ts";
import type { DeclaredPartitions, DeclaredTable } from "./declared.ts";
import { drainLeaf } from "./drain.ts";
import findBuilds from "./index-builds.sql";
import { defaultOf } from "./leaf-steps.ts";
import type { LeafStep } from "./leaf-steps.ts";
import type { TablePlan } from "./plan.ts";
import { planTables } from "./plan.ts";
import type { Retired } from "./retire.ts";
import { finalizeDetach, retireLeaves } from "./retire.ts";
import { reading, runUnit } from "./run-unit.ts";
import { ident, qualified } from "../../db/identifier.ts";
import type { LeafState } from "./state.ts";
import type { Finding } from "../../findings.ts";

export interface MaintainOptions extends MigratorOptions {
  readonly declared: DeclaredPartitions;
  /**
   * Another "today"; the server's clock where undefined. A later one only creates ahead: nothing is
   * retired that is not too old by the server's clock.
   */
  readonly asOf?: Date | undefined;
  readonly allowDataLoss: boolean;
  /** Rows that are moved out of a default partition in one transaction. */
  readonly batchRows: number;
}

export interface MaintainedTable {
  readonly table: string;
  /** `postponed`: somebody builds an index on it, and the next run goes on. */
  readonly state: "done" | "postponed" | "failed";
  readonly created: string[];
  /** Other statements that were run, for what existing partitions lacked. */
  readonly changed: string[];
  /** Rows that were moved out of the default partition. */
  moved: number;
  readonly detached: string[];
  readonly dropped: { readonly table: string; readonly rows: number }[];
  /** Why it was postponed or failed. */
  readonly reason?: string;
  readonly code?: ErrorCode;
  readonly hint?: string | undefined;
  readonly notes?: readonly string[] | undefined;
  readonly findings: readonly Finding[];
}

export interface MaintainResult {
  readonly tables: readonly MaintainedTable[];
  /** What a dry run would execute. */
  readonly sql?: string;
}

type Work = Omit<MaintainedTable, "state" | "findings">;

/**
 * Brings every declared table up to date, one after the other; what fails at one does not keep the
 * others. Idempotent, and safe beside any number of the same: the migration lock lets one work, and
 * the next ones find nothing to do.
 *
 * @throws PgwrightError `migration-lock`, `connection-lost`, `interrupted`.
 */
export async function maintain(options: MaintainOptions): Promise<MaintainResult> {
  return withMigrator(options, async (migrator) => {
    const tables: MaintainedTable[] = [];
    for (const declared of options.declared.tables) {
      tables.push(await maintainTable(migrator, options, declared));
    }
    return { tables };
  });
}

class Postponed extends Error {}

async function maintainTable(
  migrator: Migrator,
  options: MaintainOptions,
  declared: DeclaredTable,
): Promise<MaintainedTable> {
  const table = qualified(declared.schema, declared.table);
  const work: Work = { table, created: [], changed: [], moved: 0, detached: [], dropped: [] };
  try {
    const findings = await bringAbout(migrator, options, declared, work);
    const [wrong] = findings.filter(({ severity }) => severity === "error");
    return wrong
      ? { ...work, state: "failed", reason: wrong.message, hint: wrong.hint, findings }
      : { ...work, state: "done", findings };
  } catch (error) {
    if (migrator.session.isDead) throw error;
    if (error instanceof Postponed) {
      return { ...work, state: "postponed", reason: error.message, findings: [] };
    }
    if (isPostgresError(error)) {
      const notes = serverNotes(error);
      return {
        ...work,
        state: "failed",
        code: "sql-failed",
        reason: error.message,
        notes,
        findings: [],
      };
    }
    if (!(error instanceof PgwrightError) || error.code === "interrupted") throw error;
    const { code, message, details } = error;
    const { hint, notes } = details;
    return { ...work, state: "failed", code, reason: message, hint, notes, findings: [] };
  }
}

// Rows of a missing partition may arrive in the default between the look and the attach.
const mostRounds = 5;

async function bringAbout(
  migrator: Migrator,
  options: MaintainOptions,
  declared: DeclaredTable,
  work: Work,
): Promise<readonly Finding[]> {
  for (let round = 1; ; round += 1) {
    const plan = await planOne(migrator, options, declared);
    const { state } = plan;
    if (!state) return plan.findings;
    if (needsWork(plan)) await postponeBesideBuild(migrator, state.oid);
    const detaching = state.leaves.filter(({ isDetaching }) => isDetaching);
    for (const leaf of detaching) {
      await finalizeDetach(migrator, state, leaf);
      work.detached.push(leaf.sql);
    }
    if (detaching.length > 0) continue;
    try {
      await runSteps(migrator, plan, work);
    } catch (error) {
      // 23514: "updated partition constraint for default partition would be violated by some row".
      const fallback = defaultOf(state);
      if (!fallback || !hasSqlState(error, "23514")) throw error;
      if (plan.defaultRows.count === null) throw unreadable(fallback, error);
      if (round < mostRounds) continue;
      throw error;
    }
    await drain(migrator, options, plan, work);
    const retention = declared.by === "range" ? declared.retention : undefined;
    if (retention) {
      const done: Retired = { detached: work.detached, dropped: work.dropped };
      const { allowDataLoss } = options;
      const due = plan.range?.due ?? [];
      await retireLeaves(migrator, state, due, { retention, allowDataLoss, done });
    }
    return (await planOne(migrator, options, declared)).findings;
  }
}

/** The attach has met rows that this role cannot see, let alone move. */
function unreadable(fallback: LeafState, cause: unknown): PgwrightError {
  const why = fallback.hidesRows ? "row level security hides them from it" : "it may not read them";
  return new PgwrightError(
    "partitions-refused",
    `${fallback.sql} holds rows of a missing partition, which this role cannot move: ${why}`,
    {
      cause,
      hint: fallback.hidesRows
        ? `have a superuser run: alter role ${ident(fallback.owner)} bypassrls;`
        : `connect as a member of ${ident(fallback.owner)}`,
    },
  );
}

async function planOne(
  migrator: Migrator,
  { asOf, declared: { file } }: MaintainOptions,
  declared: DeclaredTable,
): Promise<TablePlan> {
  return reading(migrator, async () => {
    const [plan] = await planTables(migrator.session, { file, tables: [declared] }, { now: asOf });
    if (!plan) throw new PgwrightError("internal", "a table without a plan");
    return plan;
  });
}

function needsWork({ steps, defaultRows, range, missing, state }: TablePlan): boolean {
  return (
    stepsToRun(steps).length > 0 ||
    defaultRows.blocking.size > 0 ||
    missing.some(({ grows }) => grows !== null) ||
    (range !== undefined && range.due.length > 0) ||
    (state?.leaves.some(({ isDetaching }) => isDetaching) ?? false)
  );
}

/**
 * An index build on the parent would be waited for with the lock queue growing behind; a concurrent
 * one that goes leaf by leaf has its list of leaves already, and a new one would lack the index.
 */
async function postponeBesideBuild({ session }: Migrator, oid: string): Promise<void> {
  const [build] = await session.query<{
    pid: number;
    table: string;
    role: string;
    seconds: number;
  }>(findBuilds, [oid]);
  if (!build) return;
  throw new Postponed(
    `pid ${build.pid} (role ${build.role}) has been building an index on ${build.table} for ${Math.round(build.seconds)} s`,
  );
}

/** What exists only in the database is `policies apply --prune`'s matter. */
function stepsToRun(steps: readonly LeafStep[]): readonly LeafStep[] {
  return steps.filter(({ extra }) => extra === undefined);
}

async function runSteps(migrator: Migrator, plan: TablePlan, work: Work): Promise<void> {
  for (const unit of groupByUnit(stepsToRun(plan.steps))) {
    const [first] = unit;
    if (!first) continue;
    const isNew = unit.some(({ sql }) => sql.includes(" attach partition "));
    await runUnit(migrator, `${isNew ? "creating" : "changing"} ${first.object}`, unit);
    if (isNew) work.created.push(first.object);
    else work.changed.push(...unit.map(({ sql }) => sql));
  }
}

/** Steps that follow each other with the same unit. */
export function groupByUnit(steps: readonly LeafStep[]): LeafStep[][] {
  const units: LeafStep[][] = [];
  for (const step of steps) {
    const last = units.at(-1);
    if (last?.[0]?.unit === step.unit) last.push(step);
    else units.push([step]);
  }
  return units;
}

async function drain(
  migrator: Migrator,
  { batchRows }: MaintainOptions,
  { state, missing, defaultRows, declared }: TablePlan,
  work: Work,
): Promise<void> {
  const fallback = state && defaultOf(state);
  if (!state || !fallback) return;
  for (const leaf of missing) {
    if (!leaf.grows && !defaultRows.blocking.has(leaf)) continue;
    work.moved += await drainLeaf(migrator, state, fallback, leaf, batchRows);
    work.created.push(qualified(declared.schema, leaf.name));
  }
}
