/**
 * Carries out one direction of one file. Statements that may share a transaction do; the others
 * run alone, each journalled before and after, so that the next run can go on where this one was
 * cut off.
 */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { PgwrightError } from "../errors.ts";
import { runAlone } from "./alone.ts";
import type { OpenJournal } from "./ledger.ts";
import type { LogEntry } from "./ledger-sql.ts";
import { logSql } from "./ledger-sql.ts";
import type { Migrator } from "./migrator.ts";
import type { Run } from "./segment.ts";
import type { FailedAt } from "./transaction.ts";
import { printTransaction, runTransaction } from "./transaction.ts";

/** One direction of one file, ready to run. */
export interface SectionWork {
  /** The file's name, for messages. */
  readonly title: string;
  readonly direction: "up" | "down";
  readonly version: string;
  /** Checksum of the up section: identifies the text a journal belongs to. */
  readonly checksum: string;
  readonly runs: readonly Run[];
  /** SQL that records the whole as done; stands in the last transaction. */
  readonly record: readonly string[];
  readonly journal: OpenJournal | undefined;
}

/** What a failed section left behind. */
export interface SectionFailure {
  readonly statement: Statement | undefined;
  readonly at: FailedAt | undefined;
  /** Statements that are committed and stay. */
  readonly kept: number;
  readonly total: number;
  readonly error: unknown;
}

/** Thrown by `runSection` in place of the server's error, with where it happened. */
export class SectionFailed extends Error {
  readonly failure: SectionFailure;
  constructor(failure: SectionFailure) {
    super("a section failed", { cause: failure.error });
    this.failure = failure;
  }
}

interface NumberedRun {
  readonly run: Run;
  readonly statements: readonly Statement[];
  /** Number of its first statement in the section, from 1. */
  readonly first: number;
  readonly last: number;
}

/** True when the section needs more than its one transaction. */
export function hasLoneStatements(runs: readonly Run[]): boolean {
  return runs.some((run) => run.kind === "alone");
}

/**
 * @throws SectionFailed when a statement failed; PgwrightError `lock-timeout`, `interrupted`,
 *   `connection-lost`, `journal-open`, `journal-changed`.
 */
export async function runSection(migrator: Migrator, work: SectionWork): Promise<void> {
  const done = checkJournal(work);
  const runs = numbered(work.runs).filter((run) => run.last > done);
  const total = numbered(work.runs).at(-1)?.last ?? 0;
  let isRecorded = false;
  for (const [index, part] of runs.entries()) {
    if (part.run.kind === "alone") {
      await runLone(migrator, work, part, total);
    } else {
      isRecorded = index === runs.length - 1;
      const after = isRecorded
        ? work.record
        : [journalSql(migrator, work, "statement-finished", part.last)];
      await runBlock(migrator, work, part, after, total);
    }
  }
  if (!isRecorded) await runPlain(migrator, work.title, work.record);
}

/** The SQL of a section as a dry run prints it. */
export function printSection(
  work: Omit<SectionWork, "journal">,
  prefix: readonly string[],
): string {
  const runs = numbered(work.runs);
  const parts: string[] = [];
  let isRecorded = false;
  for (const [index, part] of runs.entries()) {
    if (part.run.kind === "alone") {
      parts.push(`-- outside a transaction\n${part.run.statement.text};\n`);
    } else {
      isRecorded = index === runs.length - 1;
      parts.push(
        printTransaction({
          before: prefix,
          statements: part.statements,
          after: isRecorded ? work.record : [],
        }),
      );
    }
  }
  if (!isRecorded) {
    parts.push(printTransaction({ before: prefix, statements: [], after: work.record }));
  }
  return parts.join("");
}

function numbered(runs: readonly Run[]): NumberedRun[] {
  let next = 1;
  return runs.map((run) => {
    const statements = run.kind === "alone" ? [run.statement] : run.statements;
    const first = next;
    next += statements.length;
    return { run, statements, first, last: next - 1 };
  });
}

/** How many statements are done already. */
function checkJournal(work: SectionWork): number {
  const { journal } = work;
  if (!journal) return 0;
  const ways = `\`pgwright repair applied ${work.version} --reason "…"\` if it is complete, or \`pgwright repair reverted ${work.version} --reason "…"\` after undoing what it did`;
  if (journal.direction !== work.direction || journal.upChecksum !== work.checksum) {
    throw new PgwrightError(
      "journal-changed",
      `${work.title} was interrupted after ${journal.doneStatements} statements, and ${journal.direction === work.direction ? "the file has changed since" : `that was its ${journal.direction} section`}`,
      { hint: `restore the file and run it again; or look at the database and say ${ways}` },
    );
  }
  const open = journal.openStatement;
  const part = numbered(work.runs).find((run) => run.first === open);
  if (open !== undefined && part?.run.kind === "alone" && part.run.recovery === "journal") {
    throw new PgwrightError(
      "journal-open",
      `statement ${open} of ${work.title} was begun outside a transaction and never reported back; nothing can tell whether it took effect`,
      {
        notes: [`the statement: ${firstLine(part.run.statement.text)}`],
        hint: `look at the database, then say ${ways}`,
      },
    );
  }
  return journal.doneStatements;
}

async function runBlock(
  migrator: Migrator,
  work: SectionWork,
  part: NumberedRun,
  after: readonly string[],
  total: number,
): Promise<void> {
  await migrator.retrying(work.title, async () => {
    let at: FailedAt | undefined;
    try {
      await runTransaction(
        migrator.session,
        { before: migrator.prefix, statements: part.statements, after },
        (failedAt) => {
          at = failedAt;
        },
      );
    } catch (error) {
      throw asFailure(error, {
        statement: at?.index === undefined ? undefined : part.statements[at.index],
        at,
        kept: part.first - 1,
        total,
      });
    }
  });
  migrator.committed += 1;
}

/** A statement outside a transaction, between its two journal entries. */
async function runLone(
  migrator: Migrator,
  work: SectionWork,
  part: NumberedRun,
  total: number,
): Promise<void> {
  const { run } = part;
  if (run.kind !== "alone") return;
  const isResumed = work.journal?.openStatement === part.first;
  if (!isResumed) {
    await runPlain(migrator, work.title, [
      journalSql(migrator, work, "statement-started", part.first),
    ]);
  }
  // The concurrent forms block nobody while they wait, and a timeout would leave an invalid index
  // or a pending detach behind: they wait without limit.
  const isConcurrent = run.recovery === "probe";
  const execute = async () => {
    await enterLone(migrator, isConcurrent);
    await runAlone(run.statement, isResumed, {
      session: migrator.session,
      announce: (sql) => announce(migrator, work, sql, run.statement.text),
      brief: (sql) => runBrief(migrator, work.title, sql, isConcurrent),
      signal: migrator.options.signal,
    });
  };
  try {
    if (isConcurrent) await migrator.watched(work.title, execute);
    else await migrator.retrying(work.title, execute);
  } catch (error) {
    throw asFailure(error, {
      statement: run.statement,
      at: { index: 0, offset: positionOf(error) },
      kept: part.first - 1,
      total,
    });
  }
  await migrator.session.script("reset role; reset all");
  await runPlain(migrator, work.title, [
    journalSql(migrator, work, "statement-finished", part.first),
  ]);
}

/** Settings for a statement outside a transaction live in the session. */
async function enterLone(migrator: Migrator, isConcurrent: boolean): Promise<void> {
  const { role, lockTimeoutMs, statementTimeoutMs } = migrator.options;
  await migrator.session.script(
    [
      "reset all",
      ...migrator.sessionSettings,
      ...(role === undefined ? [] : [`set role ${ident(role)}`]),
      "set row_security = off",
      `set lock_timeout = ${isConcurrent ? 0 : lockTimeoutMs}`,
      `set statement_timeout = ${statementTimeoutMs}`,
    ].join(";\n"),
  );
}

/** A brief statement that is part of a concurrent one (ATTACH, FINALIZE): own transaction, retried. */
async function runBrief(
  migrator: Migrator,
  title: string,
  sql: string,
  isConcurrent: boolean,
): Promise<void> {
  await runPlain(migrator, title, [sql]);
  await enterLone(migrator, isConcurrent);
}

/** A transaction of ours: statements without progress marks. */
async function runPlain(
  migrator: Migrator,
  title: string,
  statements: readonly string[],
): Promise<void> {
  await migrator.retrying(title, () =>
    runTransaction(
      migrator.session,
      { before: migrator.prefix, statements: [], after: statements },
      () => {},
    ),
  );
  migrator.committed += 1;
}

function announce(migrator: Migrator, work: SectionWork, sql: string, written: string): void {
  if (sql === written) return;
  migrator.options.events({ type: "step-progress", title: work.title, detail: firstLine(sql) });
}

function journalSql(
  migrator: Migrator,
  work: SectionWork,
  event: "statement-started" | "statement-finished",
  statement: number,
): string {
  const entry: LogEntry = {
    event,
    direction: work.direction,
    version: work.version,
    file: work.title,
    statement,
    upChecksum: work.checksum,
  };
  return logSql(migrator.options.ledger, entry, migrator.options.author);
}

/** What the caller must see as it is stays; the rest gets its place. */
function asFailure(error: unknown, failure: Omit<SectionFailure, "error">): unknown {
  if (error instanceof PgwrightError) return error;
  const state = (error as { code?: string }).code;
  if (state === "55P03" || state === "40P01") return error;
  return new SectionFailed({ ...failure, error });
}

function positionOf(error: unknown): number | undefined {
  const position = Number((error as { position?: string }).position ?? 0);
  return position > 0 ? position - 1 : undefined;
}

/** The beginning of a statement, for messages. */
export function firstLine(sql: string): string {
  const line = sql.trim().split("\n", 1)[0] ?? "";
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
}
