/**
 * One direction of one file as the steps the server gets: what is printed by a dry run is what
 * runs.
 */
import { literal } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Backfill } from "./backfill/directive.ts";
import type { Frame } from "./frame.ts";
import { progressChecksum, resume, statementsOf } from "./journal.ts";
import type { Rehearsal } from "./keeper.ts";
import type { OpenJournal } from "./ledger.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import type { Author, LogEntry, Since } from "./ledger-sql.ts";
import { beforeTransaction, logSql, transactionStart } from "./ledger-sql.ts";
import type { Recovery } from "./alone.ts";
import type { Run } from "./segment.ts";
import { settingsBehind } from "./session-setting.ts";
import type { Transaction } from "./transaction.ts";
import { writeTransaction } from "./transaction.ts";

/** One direction of one file, ready to run. */
export interface SectionWork {
  /** The file's name, for messages. */
  readonly title: string;
  readonly direction: "up" | "down";
  readonly version: string;
  readonly runs: readonly Run[];
  /** SQL for a transaction of its own before the first statement, unless the work is taken up again. */
  readonly prologue?: readonly string[];
  /** SQL for that transaction even when the work is taken up again. */
  readonly preface?: readonly string[];
  /** SQL that must stand in the same transaction right before a statement. */
  readonly guards?: ReadonlyMap<Statement, readonly string[]>;
  /**
   * SQL that records the whole as done; stands in the last transaction. The work
   * began at `since`; the log entry has `reason`.
   */
  readonly record: (since: Since, reason?: string) => readonly string[];
  /** `record` cannot stand in the transaction of the last statements; they are journalled before it. */
  readonly recordsApart?: boolean;
  readonly journal: OpenJournal | undefined;
  /** A later commit of the run waits for the disk, and so for everything before it. */
  readonly isFlushedLater?: boolean;
}

/** Where and by whom journal entries are written. */
export interface Recording {
  readonly ledger: LedgerPlace;
  readonly author: Author;
}

interface Numbered {
  /** Number of its first statement in the section, from 1, and of its last. */
  readonly first: number;
  readonly last: number;
}

/** Statements that are committed together. */
export interface BlockStep extends Numbered {
  readonly kind: "block";
  readonly statements: readonly Statement[];
  /** Without `after`, which depends on the time that has passed. */
  readonly transaction: Omit<Transaction, "after">;
  after(since: Since): readonly string[];
}

/** A statement outside a transaction, between two journal entries. */
export interface LoneStep extends Numbered {
  readonly kind: "alone";
  readonly statement: Statement;
  readonly recovery: Recovery;
  readonly backfill: Backfill | undefined;
  /** It was begun before; what it did shows in the catalog, or it may run twice. */
  readonly isResumed: boolean;
  /** Settings of the session it runs in. */
  readonly settings: readonly string[];
  started(): string;
  finished(ms: number): string;
  /** `reason` is SQLSTATE and message. */
  failed(reason: string): string;
  /** An entry that it goes on; `reason`, an SQL expression, says how far. A SELECT, to be followed by FROM. */
  progress(reason: string): string;
}

export interface SectionSteps {
  readonly steps: readonly (BlockStep | LoneStep)[];
  readonly total: number;
  /** Statements of an earlier run that are skipped. */
  readonly done: number;
  readonly prologue: Transaction | undefined;
}

/** True when the section needs more than its one transaction. */
export function hasLoneStatements(runs: readonly Run[]): boolean {
  return runs.some((run) => run.kind === "alone");
}

/**
 * Cuts what is left to do of a section into steps; the last one is a transaction, with `record`.
 *
 * @throws PgwrightError `journal-open`, `journal-changed`.
 */
export function planSteps(work: SectionWork, frame: Frame, recording: Recording): SectionSteps {
  const { done, begun } = resume(work, work.journal);
  const all = statementsOf(work.runs);
  const journal = (
    event: LogEntry["event"],
    statement: number,
    more: { since?: Since; reason?: string } = {},
  ) => journalSql(work, recording, event, statement, more);
  // What was done before was done in another session.
  const leaving = frame.leaving(all.slice(done));
  const leaveToLater =
    work.isFlushedLater && work.runs.length === 1 ? ["set local synchronous_commit = off"] : [];
  const steps: (BlockStep | LoneStep)[] = [];
  const opening = () => (steps.length === 0 ? frame.opening : []);
  let next = 1;
  for (const run of work.runs) {
    const first = next;
    next += run.kind === "alone" ? 1 : run.statements.length;
    const last = next - 1;
    if (last <= done) continue;
    const behind = all.slice(0, Math.max(first - 1, done));
    // A guard and its statement must stand in one transaction, which such a statement bears.
    if (run.kind === "block" || work.guards?.has(run.statement)) {
      const whole = run.kind === "block" ? run.statements : [run.statement];
      const statements = whole.slice(Math.max(0, done - first + 1));
      steps.push({
        kind: "block",
        statements,
        first: last - statements.length + 1,
        last,
        transaction: {
          before: [
            ...opening(),
            ...frame.transaction,
            ...leaveToLater,
            ...settingsBehind(behind, "block"),
          ],
          statements,
          ...(work.guards ? { guards: work.guards } : {}),
        },
        after: (since) => [
          ...(last === all.length && !work.recordsApart
            ? [...work.record(since), ...leaving]
            : [journal("statement-finished", last)]),
          ...frame.closing(statements),
        ],
      });
      continue;
    }
    const isConcurrent = run.recovery === "probe";
    const earlier = settingsBehind(behind, "alone");
    steps.push({
      kind: "alone",
      statement: run.statement,
      recovery: run.recovery,
      backfill: run.backfill,
      isResumed: begun === first,
      first,
      last,
      settings: [
        ...opening(),
        ...frame.lone(isConcurrent),
        ...earlier,
        ...(isConcurrent && earlier.length > 0 ? ["set lock_timeout = 0"] : []),
      ],
      started: () => journal("statement-started", first),
      finished: (ms) => journal("statement-finished", first, { since: beforeTransaction(ms) }),
      failed: (reason) => journal("statement-failed", first, { reason }),
      progress: (reason) =>
        asSelect(journal("statement-started", first, { reason: progressMark }), reason),
    });
  }
  const final = steps.at(-1);
  if (final?.kind !== "block" || work.recordsApart) {
    steps.push({
      kind: "block",
      statements: [],
      first: all.length + 1,
      last: all.length,
      transaction: { before: [...opening(), ...frame.transaction], statements: [] },
      after: (since) => [...work.record(since), ...leaving],
    });
  }
  const first = [...((work.journal ? undefined : work.prologue) ?? []), ...(work.preface ?? [])];
  const prologue =
    first.length > 0 ? { before: frame.transaction, statements: [], after: first } : undefined;
  return { steps, total: all.length, done, prologue };
}

/**
 * The steps as SQL, for a dry run; `comments` stand before some of the lone statements, `rehearsed`
 * is what a keeper does in the blocks.
 */
export function printSteps(
  { steps, prologue }: SectionSteps,
  frame: Frame,
  comments: ReadonlyMap<Statement, string>,
  rehearsed: ReadonlyMap<BlockStep | LoneStep, Rehearsal>,
): string {
  const entry = (sql: string) =>
    writeTransaction({ before: frame.transaction, statements: [], after: [sql] });
  const printed = steps.map((step) =>
    step.kind === "block"
      ? printBlock(step, rehearsed.get(step))
      : [
          entry(step.started()),
          "-- outside a transaction\n",
          ...step.settings.map((sql) => `${sql};\n`),
          comments.get(step.statement) ?? "",
          ...[step.statement.text, ...frame.loneEnd].map((sql) => `${sql};\n`),
          entry(step.finished(0)),
        ].join(""),
  );
  return [prologue ? writeTransaction(prologue) : "", ...printed].join("");
}

const progressMark = "pgwright progress";

/** INSERT … VALUES (…) as INSERT … SELECT …, with an expression in place of the mark. */
function asSelect(insert: string, reason: string): string {
  const values = insert.lastIndexOf("\nvalues (");
  const list = insert.slice(values + "\nvalues (".length, -1);
  return `${insert.slice(0, values)}\nselect ${list.replace(literal(progressMark), reason)}`;
}

function printBlock(
  step: BlockStep,
  rehearsed: Rehearsal = { sql: [], again: [], notes: [] },
): string {
  const { transaction } = step;
  const [first = "", ...others] = [...rehearsed.again, ...step.after(transactionStart)];
  const notes = rehearsed.notes.map((note) => `-- ${note}\n`).join("");
  return writeTransaction({
    ...transaction,
    before: [...transaction.before, ...rehearsed.sql],
    after: [`${notes}${first}`, ...others],
  });
}

function journalSql(
  work: SectionWork,
  { ledger, author }: Recording,
  event: LogEntry["event"],
  statement: number,
  { since, reason }: { since?: Since; reason?: string },
): string {
  const checksum = progressChecksum(work.runs, statement);
  const entry: LogEntry = {
    event,
    direction: work.direction,
    version: work.version,
    file: work.title,
    statement,
    reason,
    ...(work.direction === "up" ? { upChecksum: checksum } : { downChecksum: checksum }),
  };
  return logSql(ledger, entry, author, since);
}
