/**
 * Carries out one direction of one file. Statements that may share a transaction do; the others
 * run alone, each journalled before and after, so that the next run can go on where this one was
 * cut off.
 */
import type { Statement } from "../db/script.ts";
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { runAlone } from "./alone.ts";
import type { Backfill } from "./backfill/directive.ts";
import type { FoundKey } from "./backfill/key.ts";
import { readKey } from "./backfill/key.ts";
import { readProgress } from "./backfill/progress.ts";
import type { Progress } from "./backfill/run.ts";
import { beginBackfill, runBackfill } from "./backfill/run.ts";
import { checkStandbys } from "./backfill/standbys.ts";
import type { BuildTools } from "./index-build.ts";
import { firstLine, mayCommit, statementsOf, ways } from "./journal.ts";
import type { Since } from "./ledger-sql.ts";
import { beforeTransaction, transactionStart } from "./ledger-sql.ts";
import { describeLeftBehind } from "./left-behind.ts";
import type { Migrator } from "./migrator.ts";
import { originalOf } from "./online/rewriting.ts";
import { makesTemporary } from "./outlived.ts";
import type { BlockStep, LoneStep, SectionWork } from "./section-steps.ts";
import { planSteps } from "./section-steps.ts";
import type { FailedAt, Transaction } from "./transaction.ts";
import { runKeptTransaction, runTransaction } from "./transaction.ts";

/** What a failed section left behind. */
export interface SectionFailure {
  readonly statement: Statement | undefined;
  readonly at: FailedAt | undefined;
  /** Statements that are committed and stay. */
  readonly kept: number;
  readonly total: number;
  /** The statements are not those of the file: some run in another form. */
  readonly isOnline: boolean;
  /** What a statement outside a transaction left in the catalog, in words. */
  readonly left: string | undefined;
  /** What a backfill has committed, in this run and before. */
  readonly batches: Pick<Progress, "batches" | "rows"> | undefined;
  /** A statement that is committed and whose work ends with the session. */
  readonly lost: Statement | undefined;
  readonly error: unknown;
}

/** Thrown by `runSection` in place of the error, with where it happened. */
export class SectionFailed extends Error {
  readonly failure: SectionFailure;
  constructor(failure: SectionFailure) {
    super("a section failed", { cause: failure.error });
    this.failure = failure;
  }
}

/**
 * @throws SectionFailed with the server's error, or a PgwrightError `lock-timeout`, `interrupted`,
 *   `connection-lost`; PgwrightError `journal-open`, `journal-changed` when nothing was begun.
 */
export async function runSection(migrator: Migrator, work: SectionWork): Promise<void> {
  const { frame, options } = migrator;
  const { steps, total, prologue } = planSteps(work, frame, options);
  const started = performance.now();
  if (prologue) {
    await migrator.retrying(work.title, () => runTransaction(migrator.session, prologue));
  }
  for (const step of steps) {
    // The last FailedAt that a try of this step reported.
    let at: FailedAt | undefined;
    const onFailure = (failedAt: FailedAt) => {
      at = failedAt;
    };
    let batches: Progress | undefined;
    const onProgress = (progress: Progress) => {
      batches = progress;
    };
    try {
      if (step.kind === "block") {
        const since =
          step === steps[0] ? transactionStart : beforeTransaction(performance.now() - started);
        await runBlock(migrator, work, step, since, onFailure);
      } else {
        await runLone(migrator, work, step, onFailure, onProgress);
      }
    } catch (error) {
      const statements = step.kind === "block" ? step.statements : [step.statement];
      const statement = at?.index === undefined ? undefined : statements[at.index];
      const left = step.kind === "alone" ? await findLeftBehind(migrator, step) : undefined;
      const isOnline = statementsOf(work.runs).some((one) => originalOf(one) !== undefined);
      const kept = step.first - 1;
      const lost = statementsOf(work.runs).slice(0, kept).find(makesTemporary);
      throw new SectionFailed({ statement, at, kept, total, isOnline, left, batches, lost, error });
    }
  }
}

async function runBlock(
  migrator: Migrator,
  work: SectionWork,
  step: BlockStep,
  since: Since,
  onFailure: (at: FailedAt) => void,
): Promise<void> {
  const transaction = { ...step.transaction, after: step.after(since) };
  const { session, keeper, options } = migrator;
  const { confinement } = options;
  const run = (one: Transaction) =>
    migrator.retrying(work.title, () =>
      keeper?.concerns(step.statements)
        ? runKeptTransaction(session, one, keeper, onFailure)
        : runTransaction(session, one, onFailure),
    );
  await (confinement ? confinement.within(work.title, transaction, run) : run(transaction));
  migrator.committed += 1;
}

/** A statement outside a transaction, between its two journal entries. */
async function runLone(
  migrator: Migrator,
  work: SectionWork,
  step: LoneStep,
  onFailure: (at: FailedAt) => void,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { session, frame, options } = migrator;
  const { statement } = step;
  const enter = () => session.script(step.settings.join(";\n"));
  // First: what is refused must leave no entry behind that keeps the file from being changed.
  const begun =
    step.backfill && (await beginOrGoOn(migrator, work, step, step.backfill, onFailure));
  if (begun?.from && begun.from.batches > 0) onProgress(begun.from);
  await record(migrator, work, step.started());
  let at: FailedAt | undefined;
  const execute = async () => {
    await enter();
    if (step.backfill && begun) {
      await runBackfill(statement, step.backfill, {
        session,
        title: work.title,
        events: options.events,
        signal: options.signal,
        ...begun,
        journalled: (reason) => step.progress(reason),
        retrying: (attempt) => migrator.retrying(work.title, attempt),
        committed: (progress) => {
          migrator.committed += 1;
          onProgress(progress);
        },
      });
      return;
    }
    const tools: BuildTools = {
      session,
      announce: (sql) => announce(migrator, work, sql, (originalOf(statement) ?? statement).text),
      say: (message) =>
        migrator.options.events({
          type: "notice",
          level: "info",
          message: `${work.title}: ${message}`,
        }),
      brief: async (sql) => {
        await runBrief(migrator, work, sql);
        await enter();
      },
      signal: options.signal,
    };
    const note = (failed: FailedAt) => {
      at = failed;
    };
    const run = () => runAlone(statement, step.isResumed, tools);
    await (options.confinement?.alone(work.title, statement, session, run, note) ?? run());
  };
  const started = performance.now();
  try {
    // What may have committed a part of its work cannot simply be tried again.
    const isOneTry = step.recovery === "probe" || mayCommit(statement);
    if (step.backfill) await execute();
    else if (isOneTry) await migrator.watched(work.title, execute);
    else await migrator.retrying(work.title, execute);
  } catch (error) {
    // A batch is another text than the statement.
    onFailure(at ?? { index: 0, offset: step.backfill ? undefined : positionOf(error) });
    await noteFailure(migrator, step, error);
    throw error;
  }
  migrator.committed += 1;
  await session.script(frame.loneEnd.join(";\n"));
  const elapsed = performance.now() - started;
  await record(migrator, work, step.finished(elapsed));
}

/** By which key a backfill takes the rows, and from where. */
async function beginOrGoOn(
  { session, options, retrying }: Migrator,
  work: SectionWork,
  step: LoneStep,
  backfill: Backfill,
  onFailure: (at: FailedAt) => void,
): Promise<{ key: FoundKey; from: Progress | undefined }> {
  const before = await readProgress(session, options.ledger, work, step);
  await session.script(step.settings.join(";\n"));
  try {
    return await retrying(work.title, async () => {
      const key = await readKey(session, step.statement, before, ways(work));
      await checkStandbys(backfill, { session, title: work.title, events: options.events });
      return { key, from: before ?? (await beginBackfill(session, key)) };
    });
  } catch (error) {
    onFailure({ index: 0, offset: undefined });
    throw error;
  }
}

/** What the statement left counts as committed: exit 3 promises that there is nothing. */
async function findLeftBehind(migrator: Migrator, step: LoneStep): Promise<string | undefined> {
  try {
    const left = await describeLeftBehind(step.statement, migrator.session);
    if (left !== undefined) migrator.committed += 1;
    return left;
  } catch (error) {
    if (!migrator.session.isDead) throw error;
    return undefined; // the error that ended the section tells of the lost connection
  }
}

/** A transaction of our own that writes the journal. */
async function record(migrator: Migrator, work: SectionWork, sql: string): Promise<void> {
  const transaction = { before: migrator.frame.transaction, statements: [], after: [sql] };
  await migrator.retrying(work.title, () => runTransaction(migrator.session, transaction));
}

/** A brief statement that is part of a concurrent one (ATTACH, FINALIZE): own transaction, retried. */
async function runBrief(migrator: Migrator, work: SectionWork, sql: string): Promise<void> {
  await record(migrator, work, sql);
  migrator.committed += 1;
}

/**
 * Records that the server reported an error, so that nobody need ask what the statement did. A
 * procedure that failed on its way (the error has a context then) may have committed before: its
 * entry stays open.
 */
async function noteFailure(migrator: Migrator, step: LoneStep, error: unknown): Promise<void> {
  const { session, frame, options } = migrator;
  const cause = error instanceof PgwrightError ? (error.cause ?? error) : error;
  if (session.isDead) return;
  if (isPostgresError(cause)) {
    if (mayCommit(step.statement) && cause.where !== undefined) return;
    // Else found by us in a batch that was rolled back.
  } else if (!(cause instanceof PgwrightError && cause.code === "backfill-refused")) return;
  const entry = [...frame.transaction, step.failed(`${cause.code} ${cause.message}`)];
  try {
    await session.settle(`rollback;\nbegin;\n${entry.join(";\n")};\ncommit`);
  } catch (later) {
    const why = later instanceof Error ? later.message : String(later);
    options.events({
      type: "notice",
      level: "warning",
      message: `could not record that statement ${step.first} failed (${why}): the next run takes it for interrupted`,
    });
  }
}

function announce(migrator: Migrator, work: SectionWork, sql: string, written: string): void {
  if (sql === written) return;
  migrator.options.events({ type: "step-progress", title: work.title, detail: firstLine(sql) });
}

function positionOf(error: unknown): number | undefined {
  const position = Number((error as { position?: string }).position ?? 0);
  return position > 0 ? position - 1 : undefined;
}
