/** Applies prepared migrations, one after the other, on the one migrator session. */
import { describeFailure, withState } from "./failure.ts";
import type { OpenJournal } from "./ledger.ts";
import { insertLedgerSql, logSql } from "./ledger-sql.ts";
import type { Migrator, MigratorOptions } from "./migrator.ts";
import type { PreparedMigration, PreparedRepeatable } from "./prepare.ts";
import type { SectionWork } from "./run-section.ts";
import { SectionFailed, runSection } from "./run-section.ts";
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
  /** Files that were to run and did not, after a failure. */
  readonly notAttempted: string[];
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
    checksum: file.checksum,
    runs: prepared.runs,
    journal,
    record: [
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
    checksum: file.checksum,
    runs: prepared.runs,
    journal,
    record: [
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
  const journalOf = (version: string) => journals.find((journal) => journal.version === version);
  const result: ApplyResult = { applied: [], repeated: [], notAttempted: [] };
  const names = [
    ...migrations.map(({ file }) => file.name),
    ...repeatables.map(({ file }) => file.name),
  ];
  for (const [index, prepared] of migrations.entries()) {
    const { file, change, schemaVersion } = prepared;
    const work = upWork(prepared, migrator.options, journalOf(file.version));
    const durationMs = await runOne(migrator, work, prepared, result, names.slice(index + 1));
    result.applied.push({
      version: file.version,
      file: file.name,
      description: file.description,
      change,
      schemaVersion,
      durationMs,
    });
  }
  for (const [index, prepared] of repeatables.entries()) {
    const work = repeatWork(prepared, migrator.options, journalOf(prepared.file.name));
    await runOne(migrator, work, prepared, result, names.slice(migrations.length + index + 1));
    result.repeated.push(prepared.file.name);
  }
  return result;
}

async function runOne(
  migrator: Migrator,
  work: SectionWork,
  prepared: PreparedMigration | PreparedRepeatable,
  result: ApplyResult,
  following: readonly string[],
): Promise<number> {
  const { events } = migrator.options;
  const started = performance.now();
  const stopListening = migrator.session.onNotice((notice) => {
    events({ type: "notice", level: "info", message: `${work.title}: ${notice.message}` });
  });
  events({ type: "step-started", title: work.title });
  try {
    await runSection(migrator, work);
  } catch (error) {
    events({ type: "step-failed", title: work.title, durationMs: performance.now() - started });
    result.notAttempted.push(...following);
    const finished = [...result.applied.map(({ file }) => file), ...result.repeated];
    const state = { finished, notAttempted: following, direction: work.direction, result };
    const shown =
      error instanceof SectionFailed
        ? describeFailure(error.failure, prepared.file, sectionOf(prepared), work.title, state)
        : error;
    throw withState(shown, migrator.committed, result);
  } finally {
    stopListening();
  }
  const durationMs = performance.now() - started;
  const detail =
    "change" in prepared ? `${prepared.change} → ${prepared.schemaVersion}` : "repeatable";
  events({ type: "step-finished", title: work.title, durationMs, detail });
  return durationMs;
}

function sectionOf(prepared: PreparedMigration | PreparedRepeatable) {
  return "sections" in prepared ? prepared.sections.up : prepared.file.section;
}
