/** Applies prepared migrations, one after the other, on the one migrator session. */
import { describeFailure, withState } from "./failure.ts";
import type { Notice } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { OpenJournal } from "./ledger.ts";
import { insertLedgerSql, logSql } from "./ledger-sql.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import type { PreparedMigration, PreparedRepeatable } from "./prepare.ts";
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
export function upWork(
  prepared: PreparedMigration,
  options: RecordOptions,
  journal: OpenJournal | undefined,
): SectionWork {
  const { file, sections, change, schemaVersion } = prepared;
  return {
    title: file.name,
    direction: "up",
    version: file.version,
    runs: prepared.runs,
    journal,
    record: (earlierMs) => [
      insertLedgerSql(options.ledger, file),
      logSql(
        options.ledger,
        {
          event: "apply",
          direction: "up",
          version: file.version,
          file: file.name,
          change,
          schemaVersion,
          upChecksum: file.checksum,
          upSql: sections.up.text,
          downChecksum: sections.down && prepared.downChecksum,
          downSql: sections.down?.text,
          downRunsAlone: sections.down && !sections.down.transaction,
          irreversible: sections.irreversible,
        },
        options.author,
        earlierMs,
      ),
    ],
  };
}

/** A repeatable file is recorded in the log only. */
export function repeatWork(
  prepared: PreparedRepeatable,
  options: RecordOptions,
  journal: OpenJournal | undefined,
): SectionWork {
  const { file } = prepared;
  return {
    title: file.name,
    direction: "up",
    version: file.name,
    runs: prepared.runs,
    journal,
    record: (earlierMs) => [
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
        earlierMs,
      ),
    ],
  };
}

/**
 * Applies everything in order and stops at the first failure.
 *
 * @throws PgwrightError `sql-failed` and the errors of `runSection`; `details.result` is the
 *   ApplyResult up to there, and the exit is 4 as soon as something was committed.
 */
export async function applyAll(
  migrator: Migrator,
  migrations: readonly PreparedMigration[],
  repeatables: readonly PreparedRepeatable[],
  journals: readonly OpenJournal[],
): Promise<ApplyResult> {
  const applied: AppliedNow[] = [];
  const repeated: string[] = [];
  const names = [...migrations, ...repeatables].map(({ file }) => file.name);
  const run = async (work: SectionWork, prepared: PreparedMigration | PreparedRepeatable) => {
    const done = applied.length + repeated.length;
    try {
      return await runOne(migrator, work, prepared);
    } catch (error) {
      const failure = error instanceof SectionFailed ? error.failure : undefined;
      const notAttempted = names.slice(done + 1);
      const failed = { file: work.title, statementsDone: failure?.kept ?? 0 };
      const state = {
        direction: work.direction,
        finished: names.slice(0, done),
        notAttempted,
        committed: migrator.committed,
        result: { applied, repeated, failed, notAttempted },
      };
      const { file } = prepared;
      const section = "sections" in prepared ? prepared.sections.up : prepared.file.section;
      throw failure
        ? describeFailure(failure, { title: work.title, file, section }, state)
        : withState(error, state);
    }
  };
  for (const prepared of migrations) {
    const { file, change, schemaVersion } = prepared;
    const journal = journals.find(({ order }) => order === file.order);
    const work = upWork(prepared, migrator.options, journal);
    const durationMs = await run(work, prepared);
    const { version, name, description } = file;
    applied.push({ version, file: name, description, change, schemaVersion, durationMs });
  }
  for (const prepared of repeatables) {
    await run(repeatWork(prepared, migrator.options, undefined), prepared);
    repeated.push(prepared.file.name);
  }
  return { applied, repeated, failed: null, notAttempted: [] };
}

async function runOne(
  migrator: Migrator,
  work: SectionWork,
  prepared: PreparedMigration | PreparedRepeatable,
): Promise<number> {
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
  const durationMs = performance.now() - started;
  const detail =
    "change" in prepared ? `${prepared.change} → ${prepared.schemaVersion}` : "repeatable";
  events({ type: "step-finished", title: work.title, durationMs, detail });
  return durationMs;
}

/** Shows what a file says with RAISE NOTICE or WARNING, and what PostgreSQL says about it. */
export function passNotice(events: EventListener, title: string, notice: Notice): void {
  // 25P01, "there is no transaction in progress", answers our own ROLLBACK.
  if (notice.code === "25P01") return;
  const level = notice.severity === "WARNING" ? "warning" : "info";
  events({ type: "notice", level, message: `${title}: ${notice.message}` });
}
