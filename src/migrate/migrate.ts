/** `pgwright migrate`: everything from the files to the applied schema. */
import { PgwrightError } from "../errors.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import type { ApplyResult } from "./apply.ts";
import { adopt, findAdoptable } from "./adopt.ts";
import { applyAll, planJobs } from "./apply.ts";
import { refuseChanged } from "./changed-file.ts";
import { readMigrations } from "./file.ts";
import type { StatementCost } from "./cost.ts";
import { costedUp, findCosts } from "./cost.ts";
import { explainAlone } from "./explain-alone.ts";
import { directFrame, dryServer } from "./frame.ts";
import { rehearseKeeper } from "./keeper.ts";
import { claimantsOf } from "./keep/claim.ts";
import { findKept, isInReach, readKept } from "./keep/find-kept.ts";
import { readRestored } from "./keep/keep.ts";
import type { Restored } from "./keep/keep.ts";
import type { LeftKept } from "./keep/by-hand.ts";
import { leftKept, putBackSql } from "./keep/by-hand.ts";
import { planRestoring } from "./keep/restoring.ts";
import type { Kept } from "./keep/shape.ts";
import type { Ledger } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import { readySql } from "./make-ready.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import type { OnlineChange } from "./online/online.ts";
import { planOnline } from "./online/online.ts";
import { withMigrator } from "./migrator.ts";
import type { Comparison, PlanOptions } from "./plan.ts";
import { choosePending, compare } from "./plan.ts";
import type { PreparedMigration, PreparedRepeatable } from "./prepare.ts";
import { prepare, refuseInvalid } from "./prepare.ts";
import { sayWhatGoesOn, sayWhatIsUnusual, sayWhatStays } from "./say-plan.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { withoutStatements } from "./segment.ts";
import { namingServerErrors } from "./server-error.ts";
import { hasLoneStatements, planSteps, printSteps } from "./section-steps.ts";

export interface MigrateOptions extends MigratorOptions, PlanOptions {
  readonly directory: string;
  /** Print what would run; nothing is locked or written. */
  readonly dryRun: boolean;
  /** What rollbacks have kept for these files is not put back. */
  readonly leaveKept?: boolean | undefined;
  /** Statements that would block others for long run in a form that does not. */
  readonly online?: boolean | undefined;
  /** `--no-online` was given; without `online`, it may just have been left out. */
  readonly isNotOnlineAsked?: boolean | undefined;
  /** Reads the directory; files may be known otherwise than they are on disk. */
  readonly read?: typeof readMigrations | undefined;
  /** Repeatable files are left alone, though nothing else is pending. */
  readonly withoutRepeatables?: boolean | undefined;
}

export interface MigrateResult extends ApplyResult {
  readonly schemaVersion: string;
  /** Pending files this call was told to leave (`--to`, `--steps`). */
  readonly left: readonly string[];
  /** Versions a newer release applied, which these files do not know. */
  readonly ahead: readonly string[];
  /** What rollbacks had kept, and is back. */
  readonly restored?: readonly Restored[];
  /** With `leaveKept`: what is not, of this run and of those before. */
  readonly leftKept?: readonly LeftKept[];
  /** With `leftKept`: the SQL that puts all of it back, in one transaction. */
  readonly putBackSql?: string;
  /** With `--online`, or of a file that was begun so: what runs otherwise than written, or could not. */
  readonly online?: readonly OnlineChange[];
  /** The SQL a dry run would execute. */
  readonly sql?: string;
  /** With `sql`: what of it locks tables that are there. */
  readonly costs?: readonly StatementCost[];
}

interface UpPlan {
  readonly comparison: Comparison;
  readonly migrations: readonly PreparedMigration[];
  readonly repeatables: readonly PreparedRepeatable[];
  readonly left: readonly string[];
  readonly online: readonly OnlineChange[];
}

/**
 * Applies the pending migrations of a directory to a database.
 *
 * @throws PgwrightError; see `docs/errors.md`. Exit 3 means that this call committed nothing.
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  if (options.dryRun) {
    return namingServerErrors(async () => {
      await using session = await options.open({ writes: false, direct: true });
      return await rehearseUp(session, options, await readLedger(session, options.ledger));
    });
  }
  return withMigrator(options, (migrator) => migrateWith(migrator, options));
}

/** The same on a session that holds the lock already. */
export async function migrateWith(
  migrator: Migrator,
  options: MigrateOptions,
): Promise<MigrateResult> {
  const ledger = await adoptedLedger(migrator, options);
  const plan = await planUp(options, ledger, migrator.session);
  sayWhatIsUnusual(plan.comparison, options.events);
  sayWhatGoesOn(plan.migrations, options);
  if (migrator.isPooled) refuseLoneStatements(plan);
  const waiting = await findKeptFor(migrator.session, plan, ledger, options);
  const kept = options.leaveKept ? [] : waiting;
  const jobs = planRestoring(
    planJobs(plan.migrations, plan.repeatables, ledger.journals, options),
    waiting,
    options.leaveKept,
  );
  if (jobs.length > 0) migrator.keeper = await options.loadKeeper?.(options.events);
  sayWhatStays(plan.online, options.events);
  const result = await applyAll(migrator, jobs);
  const restored = kept.length > 0 ? await readRestored(migrator.session, kept) : [];
  const last = result.applied.at(-1);
  return {
    ...result,
    schemaVersion: last?.schemaVersion ?? schemaVersionOf(ledger.applied),
    left: plan.left,
    ahead: plan.comparison.ahead.map((row) => row.version),
    ...(kept.length > 0 ? { restored } : {}),
    ...(options.leaveKept ? await findLeft(migrator, options) : {}),
    ...onlineIn(plan, options),
  };
}

/** The ledger, with a log even where a loaded dump has brought the rows alone. */
async function adoptedLedger(migrator: Migrator, { directory }: MigrateOptions): Promise<Ledger> {
  const ledger = await migrator.ledger();
  if (ledger.hasLog) return ledger;
  const { migrations } = await readMigrations(directory);
  await adopt(migrator, findAdoptable(ledger, migrations));
  return migrator.ledger();
}

/** What would be done to a database with this ledger; reads and prints only. */
export async function rehearseUp(
  session: Session,
  options: MigrateOptions,
  ledger: Ledger,
): Promise<MigrateResult> {
  const plan = await planUp(options, ledger, session);
  sayWhatIsUnusual(plan.comparison, options.events);
  sayWhatGoesOn(plan.migrations, options);
  const frame = directFrame(options, dryServer(session));
  const works = planRestoring(
    planJobs(plan.migrations, plan.repeatables, ledger.journals, options),
    await findKeptFor(session, plan, ledger, options),
    options.leaveKept,
  ).map(({ work }) => work);
  const first = works.length === 0 ? "" : await readySql(session, options, ledger);
  const keeper = works.length > 0 ? await options.loadKeeper?.(options.events) : undefined;
  const parts: string[] = [];
  for (const work of works) {
    const comments = await explainAlone(session, work.runs);
    const steps = planSteps(work, frame, options);
    const kept = await rehearseKeeper(keeper, session, steps.steps);
    parts.push(`-- ${work.title}\n${printSteps(steps, frame, comments, kept)}`);
  }
  return {
    applied: [],
    repeated: [],
    failed: null,
    notAttempted: works.map((work) => work.title),
    schemaVersion: schemaVersionOf(ledger.applied),
    left: plan.left,
    ahead: plan.comparison.ahead.map((row) => row.version),
    ...onlineIn(plan, options),
    sql: [first, ...parts].filter(Boolean).join("\n"),
    costs: await findCosts(session, costedUp(plan.migrations, plan.repeatables, ledger.journals)),
  };
}

async function planUp(options: MigrateOptions, ledger: Ledger, session: Session): Promise<UpPlan> {
  const directory = await (options.read ?? readMigrations)(options.directory);
  refuseInvalid(directory.findings);
  const comparison = compare(directory, ledger);
  await refuseChanged(session, options.ledger, comparison.changed);
  const chosen = choosePending(comparison, options);
  const left = comparison.pending.filter((file) => !chosen.includes(file));
  // A repeatable file may need what a left-out migration brings: it waits for the whole.
  const repeatables =
    left.length === 0 && options.withoutRepeatables !== true ? comparison.repeatables : [];
  const prepared = await prepare(chosen, repeatables, schemaVersionOf(ledger.applied));
  const migrations = prepared.migrations.map((one) => confined(one, options));
  const online = await planOnline(
    session,
    { ...prepared, migrations },
    ledger.journals,
    options.online === true,
  );
  return {
    comparison,
    repeatables: prepared.repeatables.map((one) => confined(one, options)),
    migrations: online.migrations,
    left: left.map((file) => file.name),
    online: online.changes,
  };
}

/** Without what reaches beyond a throwaway database. */
function confined<T extends PreparedMigration | PreparedRepeatable>(
  prepared: T,
  { confinement }: MigrateOptions,
): T {
  if (!confinement) return prepared;
  const isLeftOut = (statement: Statement) => confinement.leavesOut(statement, prepared.file.name);
  return { ...prepared, runs: withoutStatements(prepared.runs, isLeftOut) };
}

function onlineIn({ online }: UpPlan, options: MigrateOptions): Pick<MigrateResult, "online"> {
  return options.online === true || online.length > 0 ? { online } : {};
}

async function findKeptFor(
  session: Session,
  { migrations, comparison }: UpPlan,
  { hasLog }: Ledger,
  options: MigrateOptions,
): Promise<Kept[]> {
  return findKept(session, options, {
    files: migrations.map(({ file }) => file),
    claimants: claimantsOf(comparison),
    hasLog,
    leaves: options.leaveKept === true,
    events: options.events,
  });
}

/** Kept data of all that is applied: a run that stopped half-way has printed nothing of what it left. */
async function findLeft(
  migrator: Migrator,
  options: MigrateOptions,
): Promise<Pick<MigrateResult, "leftKept" | "putBackSql">> {
  const { session } = migrator;
  const ledger = await migrator.ledger();
  const versions = ledger.applied.map(({ version }) => version);
  const claimants = ledger.applied.map((row) => ({ ...row, isPending: false }));
  const left = (await readKept(session, options, claimants)).claimed.filter(isInReach);
  return left.length === 0
    ? {}
    : { leftKept: await leftKept(session, left), putBackSql: putBackSql(left, versions) };
}

/**
 * Behind a transaction pooler only whole transactions are safe.
 *
 * @throws PgwrightError `pooler-refused`.
 */
export function refuseLoneStatements(plan: Pick<UpPlan, "migrations" | "repeatables">): void {
  const lone = [...plan.migrations, ...plan.repeatables].filter(({ runs }) =>
    hasLoneStatements(runs),
  );
  if (lone.length === 0) return;
  throw new PgwrightError(
    "pooler-refused",
    `${lone.map(({ file }) => file.name).join(", ")}: statements that run outside a transaction cannot go through a transaction pooler`,
    {
      notes: ["nothing was applied"],
      hint: "name the server itself with --direct-url, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml",
    },
  );
}
