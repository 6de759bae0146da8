/** `pgwright rollback`: undoes applied migrations, the last one first, with the files or without. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { FailedFile } from "./apply.ts";
import { passNotice } from "./apply.ts";
import type { Costed, StatementCost } from "./cost.ts";
import { findCosts } from "./cost.ts";
import type { Loss } from "./count-loss.ts";
import { describeLoss } from "./count-loss.ts";
import { startOfRun } from "./data-loss.ts";
import { describeFailure, withState } from "./failure.ts";
import { explainAlone } from "./explain-alone.ts";
import type { Foreseen } from "./foreseen.ts";
import {
  describeUncounted,
  examine,
  findUncounted,
  findUnforeseen,
  foresee,
  keepingOf,
} from "./foreseen.ts";
import type { readMigrations } from "./file.ts";
import { directFrame, dryServer } from "./frame.ts";
import { rehearseKeeper } from "./keeper.ts";
import { explainKept } from "./keep/keep.ts";
import { keepPlaceSql, makeKeepPlace, nextKeptId } from "./keep/place.ts";
import type { KeptNow } from "./keep/plan-losses.ts";
import { keptFrom, planLosses, readKeptNow } from "./keep/plan-losses.ts";
import { refusePublished } from "./keep/published.ts";
import type { Ledger } from "./ledger.ts";
import { readLedger } from "./ledger.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import { withMigrator } from "./migrator.ts";
import type { DownStep } from "./plan-down.ts";
import { planDown } from "./plan-down.ts";
import { explainGuard, refuseLosses, refuseUnforeseen } from "./refuse-losses.ts";
import { SectionFailed, runSection } from "./run-section.ts";
import { schemaVersionOf } from "./schema-version.ts";
import { namingServerErrors } from "./server-error.ts";
import { hasLoneStatements, planSteps, printSteps } from "./section-steps.ts";
import { describeUnseen } from "./unseen.ts";

export interface RollbackOptions extends MigratorOptions {
  readonly directory: string;
  /** How many to undo; 1 unless `to` or `all` says otherwise. */
  readonly steps?: number | undefined;
  /** The version that stays applied. */
  readonly to?: string | undefined;
  readonly all: boolean;
  readonly allowDataLoss: boolean;
  /** What would be lost is kept in tables of ours until the migration is applied again. */
  readonly keepData?: boolean | undefined;
  readonly dryRun: boolean;
  /** Reads the directory; files may be known otherwise than they are on disk. */
  readonly read?: typeof readMigrations | undefined;
}

export interface RolledBack {
  readonly version: string;
  readonly file: string;
  readonly description: string;
  /** Where the SQL came from: the file, or the text stored when it was applied. */
  readonly source: "file" | "stored";
  /** What `allowDataLoss` has let go. */
  readonly losses: readonly Loss[];
  /** What `keepData` has kept, and where. */
  readonly kept: readonly KeptNow[];
  readonly durationMs: number;
}

export interface RollbackResult {
  readonly rolledBack: readonly RolledBack[];
  /** The migration whose rollback failed; what of it stays. */
  readonly failed: FailedFile | null;
  readonly notAttempted: readonly string[];
  readonly schemaVersion: string;
  /** The SQL a dry run would execute. */
  readonly sql?: string;
  /** With `sql`: files that may lose more than could be counted before the others are rolled back. */
  readonly notCounted?: readonly string[];
  /** With `sql`: what of it locks tables that are there. */
  readonly costs?: readonly StatementCost[];
}

/**
 * Undoes applied migrations in reverse order of application.
 *
 * @throws PgwrightError `irreversible`, `data-loss`, `sql-failed`, …; each names what was undone.
 */
export async function rollback(options: RollbackOptions): Promise<RollbackResult> {
  if (options.dryRun) {
    return namingServerErrors(async () => {
      await using session = await options.open({ writes: false, direct: true });
      return await rehearseDown(session, options, await readLedger(session, options.ledger));
    });
  }
  return withMigrator(options, (migrator) => rollbackWith(migrator, options));
}

/** What would be done to a database with this ledger; reads and prints only. */
export async function rehearseDown(
  session: Session,
  options: RollbackOptions,
  ledger: Ledger,
): Promise<RollbackResult> {
  const steps = await planDown(options, session, ledger);
  const frame = directFrame(options, dryServer(session));
  const keeper = steps.length > 0 ? await options.loadKeeper?.(options.events) : undefined;
  const parts: string[] = [];
  if (options.keepData && steps.length > 0) await refusePublished(session, options.events);
  let nextId = options.keepData ? await nextKeptId(session) : 0;
  const place = options.keepData ? await keepPlaceSql(session, options.role) : [];
  if (place.length > 0) {
    parts.push(`-- where data are kept\nbegin;\n${place.join(";\n")};\ncommit;\n`);
  }
  const earlier = startOfRun();
  const uncounted = findUncounted(steps);
  for (const step of steps) {
    const isRenamed = earlier.names.tables.length + earlier.names.columns.size > 0;
    const examination = await examine(session, step, options.role, earlier);
    const { work, losses } = await planLosses(session, step, examination, options, nextId);
    const first = uncounted.get(step);
    nextId += work.keeps.length;
    const comments = await explainAlone(session, step.work.runs);
    const from = step.source === "file" ? "from the file" : `the stored text: ${step.why}`;
    const warnings = options.allowDataLoss
      ? []
      : [
          ...losses.map((loss) => `refused without --allow-data-loss: it ${describeLoss(loss)}`),
          ...(first ? [describeUncounted(first)] : []),
          ...describeUnseen(examination.unseen),
        ];
    const planned = planSteps(work, frame, options);
    const kept = await rehearseKeeper(keeper, session, planned.steps);
    parts.push(
      [
        `-- ${step.title}, ${from}\n`,
        // A quoted name may hold a line break, and so may a message of the server.
        ...(options.keepData && isRenamed
          ? ["-- what it keeps is shown by the names of now, and kept by those it has then\n"]
          : []),
        ...warnings.map((warning) => `-- ${warning.replaceAll(/\s*\n\s*/g, " ")}\n`),
        printSteps(planned, frame, comments, kept),
      ].join(""),
    );
  }
  return {
    rolledBack: [],
    failed: null,
    notAttempted: steps.map((step) => step.title),
    schemaVersion: schemaVersionOf(ledger.applied),
    sql: parts.join("\n"),
    notCounted: [...uncounted.keys()].map(({ title }) => title),
    costs: await findCosts(session, steps.map(costedDown)),
  };
}

function costedDown({ title, source, section, work }: DownStep): Costed {
  return {
    file: title,
    runs: work.runs,
    // Of a stored text, there is no line to look at.
    line: source === "file" ? section.line : undefined,
    done: work.journal?.doneStatements ?? 0,
  };
}

/** The same on a session that holds the lock already. */
export async function rollbackWith(
  migrator: Migrator,
  options: RollbackOptions,
): Promise<RollbackResult> {
  const ledger = await migrator.ledger();
  const steps = await planDown(options, migrator.session, ledger);
  refusePooled(migrator, steps);
  if (options.keepData && steps.length > 0) {
    await refusePublished(migrator.session, options.events);
  }
  // All at once and before anything runs, so that a refusal leaves nothing half-way.
  const mustForesee = !options.allowDataLoss || findUncounted(steps).size > 0;
  const foreseen = mustForesee ? await foresee(migrator.session, steps, options) : undefined;
  if (foreseen && !options.allowDataLoss) {
    for (const [{ title }, unseen] of foreseen.unseen) {
      for (const warning of describeUnseen(unseen)) {
        options.events({ type: "notice", level: "warning", message: `${title}: ${warning}` });
      }
    }
    const keeping = await keepingOf(migrator.session, steps, options, foreseen);
    refuseLosses(foreseen, keeping, "nothing was rolled back");
  }
  if (options.keepData) await makeKeepPlace(migrator.session, options.role);
  if (steps.length > 0) migrator.keeper = await options.loadKeeper?.(options.events);
  const rolledBack: RolledBack[] = [];
  let left = [...ledger.applied];
  for (const [index, step] of steps.entries()) {
    const started = performance.now();
    try {
      const { losses, kept } = await undo(migrator, options, step, steps.slice(index), foreseen);
      rolledBack.push({
        version: step.applied.version,
        file: step.title,
        description: step.applied.description,
        source: step.source,
        losses,
        kept,
        durationMs: performance.now() - started,
      });
      left = left.filter((row) => row !== step.applied);
    } catch (error) {
      const failure = error instanceof SectionFailed ? error.failure : undefined;
      const notAttempted = steps.slice(index + 1).map(({ title }) => title);
      const failed = { file: step.title, statementsDone: failure?.kept ?? 0 };
      const result = { rolledBack, failed, notAttempted, schemaVersion: schemaVersionOf(left) };
      const state = {
        direction: "down" as const,
        finished: rolledBack.map(({ file }) => file),
        notAttempted,
        committed: migrator.committed,
        statementTimeoutMs: options.statementTimeoutMs,
        result,
      };
      const file = step.source === "file" ? step.file : undefined;
      throw failure
        ? describeFailure(failure, { title: step.title, file, section: step.section }, state)
        : withState(error, state);
    }
  }
  return { rolledBack, failed: null, notAttempted: [], schemaVersion: schemaVersionOf(left) };
}

function refusePooled(migrator: Migrator, steps: readonly DownStep[]): void {
  if (!migrator.isPooled || !steps.some((step) => hasLoneStatements(step.work.runs))) return;
  throw new PgwrightError(
    "pooler-refused",
    "the rollback has statements outside a transaction, which cannot go through a transaction pooler",
    {
      notes: ["nothing was rolled back"],
      hint: "name the server itself with --direct-url, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml",
    },
  );
}

/**
 * Looks at the data once more (the steps before may have brought back what this one drops) and
 * undoes one migration, the first of those `left`; guards in its transaction catch rows that come in after that.
 */
async function undo(
  migrator: Migrator,
  options: RollbackOptions,
  step: DownStep,
  left: readonly DownStep[],
  foreseen: Foreseen | undefined,
): Promise<Pick<RolledBack, "losses" | "kept">> {
  const { session } = migrator;
  const examination = await examine(session, step, options.role);
  const firstId = options.keepData ? await nextKeptId(session) : 0;
  const { work, losses } = await planLosses(session, step, examination, options, firstId);
  if (!options.allowDataLoss && losses.length > 0) {
    // All that is left of the run: with --allow-data-loss it would not ask again.
    const rest = await foresee(session, left, options);
    const all = { ...rest, losses: new Map([...rest.losses, [step, losses]]) };
    refuseLosses(all, await keepingOf(session, left, options, all));
  }
  if (options.allowDataLoss && foreseen) {
    refuseUnforeseen(
      step,
      findUnforeseen(foreseen, step, losses, examination),
      options.keepData === true,
    );
  }
  await runDown(migrator, step, work, options.keepData === true);
  const kept = options.keepData
    ? await readKeptNow(session, work.keeps, keptFrom(step, options.ledger))
    : [];
  return { losses, kept };
}

async function runDown(
  migrator: Migrator,
  step: DownStep,
  work: DownStep["work"],
  keepsData: boolean,
): Promise<void> {
  const { events } = migrator.options;
  const title = `rollback ${step.title}`;
  if (step.why !== undefined) {
    events({
      type: "sql",
      title: `${step.title}: ${step.why}; the SQL stored when it was applied runs instead`,
      sql: step.section.text,
    });
  }
  const started = performance.now();
  events({ type: "step-started", title });
  const stopListening = migrator.session.onNotice((notice) => {
    passNotice(events, step.title, notice);
  });
  try {
    await runSection(migrator, work);
  } catch (error) {
    events({ type: "step-failed", title, durationMs: performance.now() - started });
    throw explainKept(explainGuard(error, step, keepsData), step.title, "down");
  } finally {
    stopListening();
  }
  events({
    type: "step-finished",
    title,
    durationMs: performance.now() - started,
    ...(step.source === "stored" ? { detail: "from the stored text" } : {}),
  });
}
