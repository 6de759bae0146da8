/** Carries out a plan: a transaction for each unit, on the one migrator session. */
import { hasSqlState, isPostgresError } from "../db/session.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { Migrator, MigratorOptions } from "../migrate/migrator.ts";
import { withMigrator } from "../migrate/migrator.ts";
import { namingServerErrors } from "../migrate/server-error.ts";
import { describeExtra, describeUndone } from "./check.ts";
import { underClusterLock } from "./cluster-lock.ts";
import { withLocks } from "./cost.ts";
import { explainFailure } from "./failure.ts";
import { refuseMistakes } from "./mistakes.ts";
import type { PolicyPlan } from "./plan.ts";
import { planPolicies } from "./plan.ts";
import type { Policies } from "./policies.ts";
import { readPolicies, requireDirectory } from "./policies.ts";
import { printPlan, setRole, transactionSettings, unitsOf } from "./print.ts";
import type { Unit } from "./print.ts";
import { findAbsentRoles } from "./role-names.ts";
import type { PolicyStep } from "./step.ts";
import { reportUnits } from "./unit-events.ts";

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
      const sql = printPlan(await withLocks(session, plan.steps), options);
      return { applied: [], left, findings, sql };
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
