/** How far a file has come, by the numbers that its own statements have: the log counts what runs in their place. */
import type { Rewriting } from "./rewriting.ts";

export interface Progress {
  /** Statements of the section that are done as a whole. */
  readonly doneStatements: number;
  /** The one that was begun and is not known to be done, from 1; undefined between two statements. */
  readonly openStatement: number | undefined;
  /** Of that one, where several run in its place. */
  readonly steps?: { readonly done: number; readonly of: number };
}

/** Of a journal: its numbers are those of the file unless that was begun in its safe form. */
export function progressInFile({
  doneStatements: done,
  openStatement: open,
  online = [],
}: {
  readonly doneStatements: number;
  readonly openStatement?: number | undefined;
  readonly online?: readonly Rewriting[];
}): Progress {
  const sizes = new Map(online.map(({ statement, pieces }) => [statement, pieces.length]));
  let doneStatements = 0;
  let ran = 0;
  const sizeOfNext = () => sizes.get(doneStatements + 1) ?? 1;
  while (ran + sizeOfNext() <= done) {
    ran += sizeOfNext();
    doneStatements += 1;
  }
  const of = sizeOfNext();
  const isBegun = open !== undefined || done > ran;
  return {
    doneStatements,
    openStatement: isBegun ? doneStatements + 1 : undefined,
    ...(isBegun && of > 1 ? { steps: { done: done - ran, of } } : {}),
  };
}
