/** `pgwright indexes repair`: indexes that are not valid are mended without blocking anybody. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { Migrator, MigratorOptions } from "../migrate/migrator.ts";
import { withMigrator } from "../migrate/migrator.ts";
import { findRelation, unknownRelation } from "./find.ts";
import { readInvalid, settleInvalid } from "./invalid.ts";
import { lookPatiently } from "./look.ts";
import { explainFailure, isCopyOf } from "./repair-failure.ts";
import { planRepair } from "./repair-plan.ts";
import { printSteps, runStep } from "./repair-run.ts";
import type { RepairPlan, RepairStep } from "./repair-step.ts";

export interface RepairOptions extends MigratorOptions {
  /** As SQL: `shop.orders_code_key`; empty is every index that is not valid. */
  readonly indexes: readonly string[];
  readonly dryRun: boolean;
}

export interface DoneStep {
  readonly index: string;
  readonly table: string;
  readonly sql: readonly string[];
  /** It takes away a copy that an interrupted rebuild left. */
  readonly isCleaning: boolean;
}

export interface IndexRepair {
  /** What ran, or, in a dry run, would run. */
  readonly steps: readonly DoneStep[];
  readonly isDryRun: boolean;
  /** Of a dry run: the statements as a script. */
  readonly sql?: string;
  /** What was left alone (info), and what could not be mended (error). */
  readonly findings: readonly Finding[];
}

/**
 * Runs under the migration lock, so that no migration works on the same indexes. What fails does
 * not stop the others; it is a finding, and what the attempt left behind is taken away.
 *
 * @throws PgwrightError `relation-unknown`, `pooler-refused`, `migration-lock`; `lock-timeout`,
 *   `interrupted`, `connection-lost` with what was done before.
 */
export async function repairIndexes(options: RepairOptions): Promise<IndexRepair> {
  if (options.dryRun) {
    await using session = await options.open({ writes: false, direct: true });
    const { steps, findings } = await planNamed(session, options.indexes);
    return { steps: steps.map(done), isDryRun: true, sql: printSteps(steps), findings };
  }
  // The ledger is not touched, and each statement runs as the owner of its table.
  const migrating = { ...options, role: undefined, isProtected: false, withoutLedger: true };
  return withMigrator(migrating, async (migrator) => {
    if (migrator.isPooled) refusePooler();
    return applyRepair(migrator, await planNamed(migrator.session, options.indexes));
  });
}

async function planNamed(session: Session, names: readonly string[]): Promise<RepairPlan> {
  if (names.length === 0) return lookPatiently(session, () => planRepair(session, undefined));
  const wanted = new Map<string, string>();
  for (const name of names) {
    const found = await findRelation(session, name);
    if (!found || !/^[iI]$/.test(found.kind)) throw unknownRelation(session, "index", name);
    wanted.set(found.oid, qualified(found.schema, found.name));
  }
  return lookPatiently(session, () => planRepair(session, wanted));
}

/** Carries out the steps of a plan in their order. */
async function applyRepair(migrator: Migrator, plan: RepairPlan): Promise<IndexRepair> {
  const steps: DoneStep[] = [];
  const findings = [...plan.findings];
  const failed = new Set<string>();
  for (const step of plan.steps) {
    if (step.needs !== null && failed.has(step.needs)) {
      failed.add(step.index);
      findings.push(notReached(step));
      continue;
    }
    try {
      const outcome = await tryStep(migrator, step);
      if (outcome === "done") steps.push(done(step));
      else if (outcome !== "superfluous") findings.push(outcome);
      if (typeof outcome === "object") failed.add(step.index);
    } catch (error) {
      if (!(error instanceof PgwrightError)) throw error;
      throw await withProgress(error, steps, step, migrator.session);
    }
  }
  return { steps, isDryRun: false, findings };
}

/** A finding tells why the index is not mended now; it was mended by somebody else where superfluous. */
async function tryStep(
  migrator: Migrator,
  step: RepairStep,
): Promise<"done" | "superfluous" | Finding> {
  const before =
    step.oid === null && step.kind === "brief"
      ? []
      : await lookPatiently(migrator.session, () => readInvalid(migrator.session));
  const row = before.find(({ oid }) => oid === step.oid);
  if (step.oid !== null && !row) return "superfluous";
  const pid = row?.pid ?? row?.busyPid ?? null;
  if (pid !== null) return isBuilding(step, pid);
  try {
    await runStep(migrator, step);
    return "done";
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    return explainFailure(migrator, step, error, new Set(before.map(({ oid }) => oid)));
  }
}

/** A build that began after the plan was made. */
function isBuilding(step: RepairStep, pid: number): Finding {
  return {
    rule: "indexes/building",
    severity: "info",
    object: step.index,
    message: `index ${step.index} on ${step.table} is left alone: pid ${pid} builds an index there`,
    hint: "run the same command again when that is over",
  };
}

function done({ index, table, sql, isCleaning }: RepairStep): DoneStep {
  return { index, table, sql, isCleaning };
}

function notReached(step: RepairStep): Finding {
  return {
    rule: "indexes/not-repaired",
    severity: "error",
    object: step.index,
    message: `index ${step.index} on ${step.table} is not complete: ${step.needs} could not be mended`,
  };
}

/** An error that ends the run says what was done before it and what is left unfinished. */
async function withProgress(
  error: PgwrightError,
  steps: readonly DoneStep[],
  step: RepairStep,
  session: Session,
): Promise<PgwrightError> {
  const rows = session.isDead ? [] : await settleInvalid(session);
  const left = rows.filter(
    (row) =>
      row.busyPid === null &&
      (isCopyOf(row, step) ||
        (row.isLeftover && row.twin === step.index) ||
        (step.oid === null && row.index === step.index)),
  );
  const notes = [
    ...(error.details.notes ?? []),
    ...steps.map(({ sql }) => `done before it: ${sql.join("; ")}`),
    ...left.map(({ index }) => `left unfinished, the next run takes it up: ${index}`),
  ];
  const isPartial = steps.length > 0 || left.length > 0;
  return new PgwrightError(error.code, error.message, {
    ...error.details,
    cause: error,
    notes,
    result: { steps },
    exit: error.exit === 3 && isPartial ? 4 : error.details.exit,
  });
}

/** @throws PgwrightError `pooler-refused`. */
function refusePooler(): never {
  throw new PgwrightError(
    "pooler-refused",
    "indexes are rebuilt outside of transactions, which cannot go through a transaction pooler",
    {
      notes: ["nothing was changed"],
      hint: "name the server itself with --direct-url, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml",
    },
  );
}
