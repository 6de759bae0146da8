/** Carries out a plan: a transaction for each unit, on the one migrator session. */
import { lockKey, takeSessionLock, releaseSessionLock } from "../db/lock.ts";
import { hasSqlState, isPostgresError } from "../db/session.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import type { Finding } from "../findings.ts";
import type { Migrator, MigratorOptions } from "../migrate/migrator.ts";
import { withMigrator } from "../migrate/migrator.ts";
import { namingServerErrors } from "../migrate/server-error.ts";
import { describeExtra, describeUndone } from "./check.ts";
import { explainFailure } from "./failure.ts";
import type { PolicyPlan } from "./plan.ts";
import { planPolicies } from "./plan.ts";
import type { Policies } from "./policies.ts";
import { readPolicies, requireDirectory } from "./policies.ts";
import { printPlan, setRole, transactionSettings, unitsOf } from "./print.ts";
import type { Unit } from "./print.ts";
import { findAbsentRoles } from "./role-names.ts";
import type { PolicyStep } from "./step.ts";

export interface ApplyPoliciesOptions extends MigratorOptions {
  /** `policies.directory`. */
  readonly policiesDirectory: string;
  /** A project may do without it; the command that is about nothing else may not. */
  readonly isDirectoryRequired?: boolean;
  /** Take away what only the database has. */
  readonly prune: boolean;
  readonly dryRun: boolean;
  /** Opens a session in the maintenance database, where work on roles is serialised. */
  readonly openMaintenance: () => Promise<Session>;
}

export interface AppliedPolicies {
  readonly applied: readonly PolicyStep[];
  /** What only the database has and `--prune` would take away, as found afterwards. */
  readonly left: readonly PolicyStep[];
  /** What is left, and what no statement can mend; an error among them is the answer "no". */
  readonly findings: readonly Finding[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
}

/** Reads the files, compares and carries out the difference under the migration lock. */
export async function applyPolicies(options: ApplyPoliciesOptions): Promise<AppliedPolicies> {
  if (options.isDirectoryRequired) await requireDirectory(options.policiesDirectory);
  const policies = await readPolicies(options.policiesDirectory);
  refuseMistakes(policies.findings);
  if (options.dryRun) {
    return namingServerErrors(async () => {
      await using session = await options.open({ writes: true, direct: true });
      const plan = await planPolicies(session, policies, planOptions(options));
      const { left } = choose(plan, options.prune);
      const findings = [...left.map(describeExtra), ...plan.findings];
      return { applied: [], left, findings, sql: printPlan(plan.steps, options) };
    });
  }
  return withMigrator(options, (migrator) => applyPoliciesWith(migrator, policies, options));
}

/** The same on a session that holds the migration lock already. */
export async function applyPoliciesWith(
  migrator: Migrator,
  policies: Policies,
  options: ApplyPoliciesOptions,
): Promise<AppliedPolicies> {
  const { session } = migrator;
  const first = await planPolicies(session, policies, planOptions(options));
  refuseMistakes(first.findings);
  const failures: PgwrightError[] = [];
  // One object that cannot be mended (a lock, a missing right) does not leave the others open.
  const orNote = (error: unknown) => {
    if (!(error instanceof PgwrightError) || !isOfOneUnit.has(error.code)) throw error;
    failures.push(error);
  };
  // Roles before anything is planned with them, under a lock that other databases respect too.
  const roleSteps = first.steps.filter(({ isClusterWide }) => isClusterWide);
  const applied: PolicyStep[] = [];
  if (choose({ ...first, steps: roleSteps }, options.prune).chosen.length > 0) {
    try {
      applied.push(...(await applyRoles(migrator, policies, options)));
    } catch (error) {
      orNote(error);
    }
  }
  // Without a role, what is for it would take the row security of its table down with it.
  const plan =
    failures.length === 0
      ? first
      : await planPolicies(session, policies, {
          ...planOptions(options),
          absentRoles: await findAbsentRoles(session, policies),
        });
  const { chosen, left } = choose(plan, options.prune);
  const units = unitsOf(chosen.filter(({ isClusterWide }) => !isClusterWide));
  const report = reportUnits(options.events, units);
  for (const unit of units) {
    try {
      await report(unit, () => runUnit(migrator, unit));
    } catch (error) {
      orNote(explainFailure(error, unit, { session, applied }));
      continue;
    }
    applied.push(...unit.steps);
  }
  if (failures.length > 0) throw combine(failures, applied);
  if (applied.length === 0) {
    return { applied, left, findings: [...left.map(describeExtra), ...first.findings] };
  }
  // A REVOKE of what somebody else granted succeeds with a warning: only a second look tells.
  const second = await planPolicies(session, policies, planOptions(options));
  const rest = choose(second, options.prune);
  const findings = [...rest.chosen.map(describeUndone), ...rest.left.map(describeExtra)];
  return { applied, left: rest.left, findings: [...findings, ...second.findings] };
}

/** Failures that say nothing about the other units. */
const isOfOneUnit = new Set<string>(["lock-timeout", "policies-denied", "sql-failed"]);

/** The first failure, with the others and what was done all the same. */
function combine(
  [first, ...others]: readonly PgwrightError[],
  applied: readonly PolicyStep[],
): PgwrightError {
  if (!first) throw new TypeError("there is no failure");
  const { notes = [], ...details } = first.details;
  return new PgwrightError(first.code, first.message, {
    ...details,
    notes: [
      ...notes,
      ...others.map(({ message }) => `also ${message}`),
      applied.length === 0
        ? "nothing was changed"
        : `the others were carried out: ${applied.length} statements are committed and stay`,
    ],
    result: { applied },
    ...(applied.length > 0 && first.exit === 3 ? { exit: 4 as const } : {}),
  });
}

/** Plans again under the lock: another database may have made the same roles meanwhile. */
async function applyRoles(
  migrator: Migrator,
  policies: Policies,
  options: ApplyPoliciesOptions,
): Promise<PolicyStep[]> {
  const { session } = migrator;
  return underClusterLock(options, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const plan = await planPolicies(session, policies, planOptions(options));
      const { chosen } = choose(plan, options.prune);
      const [unit] = unitsOf(chosen.filter(({ isClusterWide }) => isClusterWide));
      if (!unit) return [];
      try {
        await reportUnits(options.events, [unit])(unit, () => runUnit(migrator, unit));
        return [...unit.steps];
      } catch (error) {
        // Somebody who does not know our lock: made elsewhere meanwhile, or changed at the same time.
        const isRace =
          hasSqlState(error, "42710", "23505") ||
          (isPostgresError(error) && /tuple concurrently (updated|deleted)/.test(error.message));
        if (isRace && attempt < 20) continue;
        throw explainFailure(error, unit, { session, applied: [] });
      }
    }
  });
}

/**
 * Roles belong to the cluster, and advisory locks to a database: so the lock is taken in the
 * maintenance database. Where that cannot be had, the retries have to do.
 */
async function underClusterLock<T>(
  { openMaintenance, events, lockWaitMs, signal }: ApplyPoliciesOptions,
  work: () => Promise<T>,
): Promise<T> {
  let session: Session;
  try {
    session = await openMaintenance();
  } catch (error) {
    if (!(error instanceof PgwrightError) || error.exit !== 3) throw error;
    events({
      type: "notice",
      level: "info",
      message: `work on roles is not serialised across databases: ${error.message}`,
    });
    return work();
  }
  await using holder = session;
  // Behind a transaction pooler a session lock excludes nobody; the retries have to do there too.
  if (holder.server.isPooled) return await work();
  const key = lockKey("roles");
  await takeSessionLock(holder, key, {
    budgetMs: lockWaitMs,
    signal,
    onWait: () =>
      events({
        type: "notice",
        level: "info",
        message: "waiting for another database's work on roles",
      }),
  });
  try {
    return await work();
  } finally {
    await releaseSessionLock(holder, key);
  }
}

/** More lines than these are no help to whoever watches: a whole project is one step then. */
const mostLines = 20;

/** Announces the units as they run, each by itself or all as one. */
function reportUnits(events: EventListener, units: readonly Unit[]) {
  const total = units.length;
  const isOne = total > mostLines;
  const all = units.flatMap(({ steps }) => steps);
  const started = performance.now();
  let done = 0;
  if (isOne) events({ type: "step-started", title: "policies" });
  return async (unit: Unit, run: () => Promise<void>): Promise<void> => {
    const title = isOne ? "policies" : unit.name;
    const since = isOne ? started : performance.now();
    if (isOne) events({ type: "step-progress", title, done, total, detail: unit.name });
    else events({ type: "step-started", title });
    try {
      await run();
    } catch (error) {
      events({ type: "step-failed", title, durationMs: performance.now() - since });
      throw error;
    }
    done += 1;
    if (isOne && done < total) return;
    const count = isOne ? all.length : unit.steps.length;
    const detail = count === 1 ? "1 statement" : `${count} statements`;
    events({ type: "step-finished", title, durationMs: performance.now() - since, detail });
  };
}

async function runUnit(migrator: Migrator, { name, steps }: Unit): Promise<void> {
  const { session, frame } = migrator;
  const texts: string[] = [];
  let role: string | null = null;
  for (const step of steps) {
    if (step.role !== role) texts.push(setRole(step.role));
    role = step.role;
    texts.push(step.sql);
  }
  await migrator.retrying(name, async () => {
    try {
      await session.script(
        [
          "begin isolation level read committed",
          ...frame.transaction,
          setRole(null),
          ...transactionSettings,
          ...texts,
          "commit",
        ].join(";\n"),
      );
    } catch (error) {
      if (!session.isDead) await session.settle("rollback");
      throw error;
    }
  });
  migrator.committed += 1;
}

function choose({ steps }: Pick<PolicyPlan, "steps">, prune: boolean) {
  const isLeft = ({ extra }: PolicyStep) => extra !== undefined && !prune;
  return { chosen: steps.filter((step) => !isLeft(step)), left: steps.filter(isLeft) };
}

export function planOptions({ role, ledger }: MigratorOptions) {
  return { ownerRole: role, ledger };
}

/**
 * What a part finds out about a table (a secret that is not masked) is not among the mistakes: the
 * part leaves that table out, and the others are brought about.
 *
 * @throws PgwrightError `policies-invalid` when a mistake in the files is among the findings.
 */
export function refuseMistakes(findings: readonly Finding[]): void {
  const mistakes = findings
    .filter(({ severity, at }) => severity === "error" && at !== undefined)
    .filter(({ rule }) => /^policies\/|\/file$|^audit\/log-granted$/.test(rule))
    .toSorted(byPlace);
  const [first, ...others] = mistakes;
  if (!first) return;
  throw new PgwrightError("policies-invalid", first.message, {
    at: first.at,
    source: first.source,
    notes: others.map(
      ({ at, message }) => `also ${at ? `${at.file}:${at.line}:${at.column}: ` : ""}${message}`,
    ),
    hint: `${first.hint ? `${first.hint}\n` : ""}nothing was changed; \`pgwright policies check\` shows every finding`,
  });
}

function byPlace({ at: one }: Finding, { at: other }: Finding): number {
  if (!one || !other) return 0;
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
