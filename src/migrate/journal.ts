/** How far an interrupted section came, and whether it can go on from there. */
import { createHash } from "node:crypto";
import { PgwrightError } from "../errors.ts";
import type { Statement } from "../db/script.ts";
import { inShort } from "../db/sql-text.ts";
import type { OpenJournal } from "./ledger.ts";
import { progressInFile } from "./online/in-file.ts";
import { makesTemporary } from "./outlived.ts";
import type { Run } from "./segment.ts";

export interface Resumption {
  /** Statements that are done and are skipped. */
  readonly done: number;
  /** Number of the statement that was begun outside a transaction and may have left traces. */
  readonly begun: number | undefined;
}

interface Section {
  readonly title: string;
  readonly direction: "up" | "down";
  readonly version: string;
  readonly runs: readonly Run[];
}

/**
 * What a journal entry records of a text: the statements up to and including this one. What comes
 * after may still be corrected before the file is taken up again.
 */
export function progressChecksum(runs: readonly Run[], statement: number): string {
  const hash = createHash("sha256");
  for (const { text } of statementsOf(runs).slice(0, statement)) hash.update(`${text}\n;\n`);
  return hash.digest("hex");
}

/** All statements of a section. */
export function statementsOf(runs: readonly Run[]): Statement[] {
  return runs.flatMap((run) => (run.kind === "alone" ? [run.statement] : run.statements));
}

/**
 * Where a section goes on.
 *
 * @throws PgwrightError `journal-changed` when what was done is not what stands there now,
 *   `journal-open` when nobody can tell whether the interrupted statement took effect, or when what
 *   earlier ones made ended with their session.
 */
export function resume(section: Section, journal: OpenJournal | undefined): Resumption {
  if (!journal) return { done: 0, begun: undefined };
  const { title, direction, runs } = section;
  if (journal.direction !== direction) {
    const begun = journal.direction === "up" ? "migrate" : "rollback";
    throw new PgwrightError(
      "journal-changed",
      `${title} was interrupted in its ${journal.direction} section, after ${count(journal)}`,
      {
        hint: `finish it with \`pgwright ${begun}\`; or look at the database and ${ways(section)}`,
      },
    );
  }
  const { doneStatements: done, openStatement: open, hasFailed } = journal;
  const isDoneSame = done === 0 || progressChecksum(runs, done) === journal.doneChecksum;
  const run = open === undefined ? undefined : runOf(runs, open);
  const isOpenSame =
    open === undefined ||
    (run?.kind === "alone" && progressChecksum(runs, open) === journal.openChecksum);
  const { batches } = journal;
  const isInBatches = run?.kind === "alone" && run.backfill !== undefined;
  if (batches > 0 && !isInBatches) {
    throw new PgwrightError(
      "journal-changed",
      `the backfill of ${title} has committed ${batches === 1 ? "1 batch" : `${batches} batches`}, and it is another statement now, or has lost its \`-- backfill:\``,
      { hint: `restore it, and it goes on; or look at the database and ${ways(section)}` },
    );
  }
  // A statement that failed may be replaced by another, one that was cut off may not.
  if (!isDoneSame || (!isOpenSame && !hasFailed)) {
    throw new PgwrightError(
      "journal-changed",
      `${title} was interrupted after ${count(journal)}, and those are not the same any more`,
      {
        hint: `restore the file (behind that point it may differ) and run it again; or look at the database and ${ways(section)}`,
      },
    );
  }
  const gone = statementsOf(runs).slice(0, done).find(makesTemporary);
  if (gone) {
    throw new PgwrightError(
      "journal-open",
      `${title} was interrupted after ${count(journal)}, and what \`${inShort(gone.text)}\` had made is gone with its session`,
      { hint: `finish or undo it by hand, then ${ways(section)}` },
    );
  }
  if (hasFailed) return { done, begun: isOpenSame ? open : undefined };
  if (run?.kind === "alone" && run.recovery === "journal") {
    const doubt = mayCommit(run.statement)
      ? "did not come to its end; nothing can tell how much of its work it committed"
      : "never reported back; nothing can tell whether it took effect";
    throw new PgwrightError(
      "journal-open",
      `statement ${progressInFile(journal).openStatement} of ${title} was begun outside a transaction and ${doubt}`,
      {
        notes: [`the statement: ${firstLine(run.statement.text)}`],
        hint: `look at the database, then ${ways(section)}`,
      },
    );
  }
  return { done, begun: open };
}

/** True for CALL and DO, which may commit in the middle when they run outside a transaction. */
export function mayCommit({ node }: Statement): boolean {
  return "CallStmt" in node || "DoStmt" in node;
}

function runOf(runs: readonly Run[], statement: number): Run | undefined {
  let last = 0;
  return runs.find((run) => {
    last += run.kind === "alone" ? 1 : run.statements.length;
    return last >= statement;
  });
}

function count(journal: OpenJournal): string {
  const { doneStatements, openStatement } = progressInFile(journal);
  const done = doneStatements === 1 ? "1 statement" : `${doneStatements} statements`;
  return openStatement === undefined ? done : `${done}, in statement ${openStatement}`;
}

/** Both ways out, in the words that fit: what is complete depends on the direction. */
export function ways({ version, direction }: Pick<Section, "version" | "direction">): string {
  const applied = `\`pgwright repair applied ${version} --reason "…"\``;
  const reverted = `\`pgwright repair reverted ${version} --reason "…"\``;
  return direction === "up"
    ? `say ${applied} once all of it is done, or ${reverted} once all of it is undone`
    : `say ${reverted} once all of it is undone, or ${applied} once all of it is back`;
}

/** The beginning of a statement, for messages. */
export function firstLine(sql: string): string {
  const line = sql.trim().split("\n", 1)[0] ?? "";
  return line.length > 90 ? `${line.slice(0, 90)}…` : line;
}
