/** Applies prepared migrations, one after the other, on the one migrator session. */
import { Pace, isWhole, runBatch } from "./batch.ts";
import { describeFailure, withState } from "./failure.ts";
import type { Notice } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import { explainKept } from "./keep/keep.ts";
import type { Keeper } from "./keeper.ts";
import type { OpenJournal } from "./ledger.ts";
import { insertLedgerSql, logSql } from "./ledger-sql.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import { onlineEntry } from "./online/stored.ts";
import type { PreparedMigration, PreparedRepeatable } from "./prepare.ts";
import { recordOf } from "./prepare.ts";
import { SectionFailed, runSection } from "./run-section.ts";
import type { SectionWork } from "./section-steps.ts";
import type { Change } from "./schema-version.ts";

export interface AppliedNow {
  readonly version: string;
  readonly file: string;
  readonly description: string;
  readonly change: Change;
  readonly schemaVersion: string;
  readonly durationMs: number;
}

export interface ApplyResult {
  readonly applied: AppliedNow[];
  /** Repeatable files that ran. */
  readonly repeated: string[];
  /** The file that failed; what of it stays. */
  readonly failed: FailedFile | null;
  /** Files that were to run and were not begun, after a failure. */
  readonly notAttempted: readonly string[];
}

export interface FailedFile {
  readonly file: string;
  /** Statements of it that are committed. */
  readonly statementsDone: number;
}

type RecordOptions = Pick<MigratorOptions, "ledger" | "author">;

/** The work of one migration: its statements, and the two rows that record it. */
function upWork(
  prepared: PreparedMigration,
  options: RecordOptions,
  journal: OpenJournal | undefined,
): SectionWork {
  const { file, online } = prepared;
  return {
    title: file.name,
    direction: "up",
    version: file.version,
    runs: prepared.runs,
    journal,
    ...(online && !online.isStored
      ? { preface: [logSql(options.ledger, onlineEntry(file, online.rewritings), options.author)] }
      : {}),
    record: (since) => [
      insertLedgerSql(options.ledger, file),
      logSql(options.ledger, { ...recordOf(prepared), event: "apply" }, options.author, since),
    ],
  };
}

/** A repeatable file is recorded in the log only. */
function repeatWork(prepared: PreparedRepeatable, options: RecordOptions): SectionWork {
  const { file } = prepared;
  return {
    title: file.name,
    direction: "up",
    version: file.name,
    runs: prepared.runs,
    journal: undefined,
    record: (since) => [
      logSql(
        options.ledger,
        {
          event: "repeat",
          direction: "up",
          version: file.name,
          file: file.name,
          upChecksum: file.checksum,
          upSql: file.section.text,
        },
        options.author,
        since,
      ),
    ],
  };
}

/** A prepared file and its work. */
export interface Job {
  readonly prepared: PreparedMigration | PreparedRepeatable;
  readonly work: SectionWork;
}

/** The files in the order in which they run, migrations before repeatable ones. */
export function planJobs(
  migrations: readonly PreparedMigration[],
  repeatables: readonly PreparedRepeatable[],
  journals: readonly OpenJournal[],
  options: RecordOptions,
): Job[] {
  const jobs = [
    ...migrations.map((prepared) => {
      const journal = journals.find(({ order }) => order === prepared.file.order);
      return { prepared, work: upWork(prepared, options, journal) };
    }),
    ...repeatables.map((prepared) => ({ prepared, work: repeatWork(prepared, options) })),
  ];
  return jobs.map(({ prepared, work }, index) => ({
    prepared,
    work: { ...work, isFlushedLater: index < jobs.length - 1 },
  }));
}

/**
 * Applies everything in order and stops at the first failure.
 *
 * @throws PgwrightError `sql-failed` and the errors of `runSection`; `details.result` is the
 *   ApplyResult up to there, and the exit is 4 as soon as something was committed.
 */
export async function applyAll(migrator: Migrator, jobs: readonly Job[]): Promise<ApplyResult> {
  const { events } = migrator.options;
  const applied: AppliedNow[] = [];
  const repeated: string[] = [];
  const pace = new Pace();
  let next = 0;
  const finish = (job: Job, durationMs: number) => {
    const { prepared } = job;
    next += 1;
    const isVersioned = "change" in prepared;
    const detail = isVersioned ? `${prepared.change} → ${prepared.schemaVersion}` : "repeatable";
    events({ type: "step-finished", title: job.work.title, durationMs, detail });
    if (!isVersioned) {
      repeated.push(prepared.file.name);
      return;
    }
    const { file, change, schemaVersion } = prepared;
    const { version, name, description } = file;
    applied.push({ version, file: name, description, change, schemaVersion, durationMs });
  };
  while (next < jobs.length) {
    const batch = migrator.isPooled
      ? []
      : leadingWhole(jobs.slice(next, next + pace.size), migrator.keeper);
    const started = performance.now();
    if (batch.length > 1) {
      const finished = await runBatch(
        migrator,
        batch.map(({ work }) => work),
      );
      for (const [index, { durationMs, notices }] of finished.entries()) {
        const job = batch[index];
        if (!job) break;
        for (const notice of notices) passNotice(events, job.work.title, notice);
        finish(job, durationMs);
      }
      if (finished.length === batch.length) pace.note(batch.length, performance.now() - started);
      else pace.restart();
      continue;
    }
    const job = jobs[next];
    if (!job) break;
    try {
      await runOne(migrator, job.work);
    } catch (error) {
      await flush(migrator);
      throw describe(explainKept(error, job.work.title, "up"), job, migrator, {
        applied,
        repeated,
        jobs,
      });
    }
    const durationMs = performance.now() - started;
    finish(job, durationMs);
    pace.note(1, durationMs);
  }
  return { applied, repeated, failed: null, notAttempted: [] };
}

function leadingWhole(jobs: readonly Job[], keeper: Keeper | undefined): readonly Job[] {
  const end = jobs.findIndex(({ work }) => !isWhole(work, keeper));
  return end < 0 ? jobs : jobs.slice(0, end);
}

/** Brings the commits to disk that did not wait for it: a commit that writes waits for all of them. */
async function flush({ session, committed }: Migrator): Promise<void> {
  if (committed === 0 || session.isDead) return;
  await session.settle("begin; select pg_current_xact_id(); commit");
}

function describe(
  error: unknown,
  { prepared, work }: Job,
  { committed, options }: Migrator,
  done: { applied: AppliedNow[]; repeated: string[]; jobs: readonly Job[] },
): unknown {
  const { applied, repeated, jobs } = done;
  const failure = error instanceof SectionFailed ? error.failure : undefined;
  const names = jobs.map((job) => job.work.title);
  const finished = names.slice(0, applied.length + repeated.length);
  const notAttempted = names.slice(finished.length + 1);
  const failed = { file: work.title, statementsDone: failure?.kept ?? 0 };
  const state = {
    direction: work.direction,
    finished,
    notAttempted,
    committed,
    statementTimeoutMs: options.statementTimeoutMs,
    result: { applied, repeated, failed, notAttempted },
  };
  const { file } = prepared;
  const section = "sections" in prepared ? prepared.sections.up : prepared.file.section;
  return failure
    ? describeFailure(failure, { title: work.title, file, section }, state)
    : withState(error, state);
}

async function runOne(migrator: Migrator, work: SectionWork): Promise<void> {
  const { events } = migrator.options;
  const started = performance.now();
  const stopListening = migrator.session.onNotice((notice) => {
    passNotice(events, work.title, notice);
  });
  events({ type: "step-started", title: work.title });
  try {
    await runSection(migrator, work);
  } catch (error) {
    events({ type: "step-failed", title: work.title, durationMs: performance.now() - started });
    throw error;
  } finally {
    stopListening();
  }
}

/** Shows what a file says with RAISE NOTICE or WARNING, and what PostgreSQL says about it. */
export function passNotice(events: EventListener, title: string, notice: Notice): void {
  // 25P01, "there is no transaction in progress", answers our own ROLLBACK.
  if (notice.code === "25P01") return;
  const level = notice.severity === "WARNING" ? "warning" : "info";
  events({ type: "notice", level, message: `${title}: ${notice.message}` });
}
