/** Files that were begun outside of a transaction and are not finished: what a schema is then a mixture of. */
import { progressInFile } from "./online/in-file.ts";
import type { Comparison } from "./plan.ts";

export interface UnfinishedFile {
  readonly version: string;
  /** Null where the file is gone. */
  readonly file: string | null;
  /** The section that was begun. */
  readonly direction: "up" | "down";
  /** Statements of the file, in whatever form they ran. */
  readonly doneStatements: number;
  /** The statement that was begun and is not known to be done, from 1; null between two statements. */
  readonly openStatement: number | null;
  /** "002_b.sql is applied in part: statement 1 of its up section is done, statement 2 was begun" */
  readonly words: string;
  /** What goes on with it, or shows the way out. */
  readonly next: string;
}

/** What the journal says of files that stopped in the middle; one that runs at this moment is among them. */
export function unfinishedFiles({
  journals,
  applied,
  pending,
}: Pick<Comparison, "journals" | "applied" | "pending">): UnfinishedFile[] {
  return journals.map((journal) => {
    const { version, order, direction } = journal;
    const { doneStatements, openStatement, steps } = progressInFile(journal);
    const row = applied.find((one) => one.order === order);
    const file = row
      ? (row.fileNow?.name ?? row.file)
      : (pending.find((one) => one.order === order)?.name ?? null);
    const state = direction === "up" ? "applied in part" : "rolled back in part";
    const done =
      doneStatements === 0
        ? undefined
        : doneStatements === 1
          ? `statement 1 of its ${direction} section is done`
          : `statements 1 to ${doneStatements} of its ${direction} section are done`;
    const online =
      steps &&
      ` (online, ${steps.done} of the ${steps.of} statements in its place ${steps.done === 1 ? "is" : "are"} done)`;
    const begun =
      openStatement === undefined
        ? undefined
        : `statement ${openStatement} was begun${online ?? ""}`;
    const how = [done, begun].filter((part) => part !== undefined).join(", ");
    return {
      version,
      file,
      direction,
      doneStatements,
      openStatement: openStatement ?? null,
      words: `${file ?? `${version}, whose file is gone,`} is ${state}: ${how}`,
      next: direction === "up" ? "pgwright migrate" : "pgwright rollback",
    };
  });
}
