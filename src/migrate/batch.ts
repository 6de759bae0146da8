/**
 * Several files in one message. A database that is built from a thousand files would otherwise
 * spend a fifth of the time between one file's answer and the next file.
 */
import type { Notice } from "../db/session.ts";
import type { Keeper } from "./keeper.ts";
import { noteBeginning, notedBeginning } from "./ledger-sql.ts";
import type { Migrator } from "./migrator.ts";
import type { SectionWork } from "./section-steps.ts";
import { planSteps } from "./section-steps.ts";
import { writeTransaction } from "./transaction.ts";

/** A file of a batch that is committed. */
export interface Finished {
  readonly durationMs: number;
  readonly notices: readonly Notice[];
}

const singly = 10;
const most = 32;
const quickMs = 200;

/**
 * How many files the next message takes: one each until ten have gone through, so that a usual run
 * shows each file as it works on it; then more, as long as messages are answered quickly.
 */
export class Pace {
  #done = 0;
  #size = 1;

  get size(): number {
    return this.#done < singly ? 1 : this.#size;
  }

  /** Takes note of a message of `files` files. */
  note(files: number, durationMs: number): void {
    this.#done += files;
    this.#size = durationMs > quickMs ? 1 : Math.min(most, this.#size * 2);
  }

  /** After a failure, files go singly again. */
  restart(): void {
    this.#done = 0;
    this.#size = 1;
  }
}

/** True for a file that is one transaction from its beginning to its end. */
export function isWhole(work: SectionWork, keeper: Keeper | undefined): boolean {
  return (
    work.journal === undefined &&
    work.guards === undefined &&
    work.prologue === undefined &&
    work.preface === undefined &&
    !work.recordsApart &&
    work.runs.length <= 1 &&
    work.runs.every((run) => run.kind === "block" && !keeper?.concerns(run.statements))
  );
}

/**
 * Sends whole files, each in its own transaction, and gives back the first ones, those that were committed. When
 * one fails, the server skips the rest of the message; why it failed is not told: run by itself,
 * the first one that is missing fails again, with place, retries and blockers.
 */
export async function runBatch(
  migrator: Migrator,
  works: readonly SectionWork[],
): Promise<Finished[]> {
  const { session, frame, options } = migrator;
  let text = "";
  for (const [index, work] of works.entries()) {
    for (const step of planSteps(work, frame, options).steps) {
      if (step.kind !== "block") throw new TypeError(`${work.title} is not one transaction`);
      const { transaction } = step;
      const before = [...transaction.before, noteBeginning];
      text += writeTransaction({ ...transaction, before, after: step.after(notedBeginning) });
    }
    // After the COMMIT: its row means that the transaction is committed.
    text += `;\n${mark(index)}`;
  }
  text = `${mark(-1)}${text}`;
  const finished: Finished[] = [];
  let notices: Notice[] = [];
  let before = 0;
  const stopListening = session.onNotice((notice) => notices.push(notice));
  try {
    await session.script(text, (row) => {
      const index = row[fileColumn];
      const ms = row["ms"];
      if (typeof index !== "number" || typeof ms !== "number") return;
      if (index >= 0) finished.push({ durationMs: ms - before, notices });
      notices = [];
      before = ms;
    });
  } catch {
    // The next message, the failed file by itself, meets the same end and reports it.
    if (!session.isDead) await session.settle("rollback");
  } finally {
    stopListening();
  }
  migrator.committed += finished.length;
  return finished;
}

const fileColumn = "pgwright file";

function mark(index: number): string {
  return `select ${index} as "${fileColumn}", date_part('epoch', clock_timestamp()) * 1000 as ms;\n`;
}
