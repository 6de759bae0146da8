/** What the safe form of a statement consists of. */
import type { Statement } from "../../db/script.ts";
import { parseScript } from "../../db/script.ts";

/** One statement of a safe form. */
export interface Piece {
  readonly sql: string;
  /**
   * - `within`: in the place of the statement, in the transaction that goes on behind it.
   * - `joins`: in the transaction of what stands before it.
   * - `apart`: the first of a transaction.
   * - `alone`: outside of one.
   */
  readonly place: "within" | "joins" | "apart" | "alone";
  /** The table of facts would have it build an index; it takes over those that are there by then. */
  readonly takesOver?: boolean | undefined;
}

/** A statement of a file in its safe form: its transactions end behind it. */
export interface Rewriting {
  /** Number of the statement in its section, from 1. */
  readonly statement: number;
  /** As the file has it. */
  readonly original: string;
  readonly pieces: readonly Piece[];
}

/** What is known of a statement: its safe form, as far as there is one, and why not where there is none. */
export interface Verdict {
  readonly pieces?: readonly Piece[];
  readonly kept: readonly string[];
}

/** A statement that runs in the place of one in the file; its places are those of that one. */
export interface OnlineStatement extends Statement {
  readonly original: Statement;
  readonly takesOver: boolean;
}

/** A piece as a statement that can run, and be journalled and reported, like any other. */
export function makeStatement(original: Statement, { sql, takesOver }: Piece): OnlineStatement {
  const [parsed] = parseScript(sql);
  if (!parsed) throw new TypeError("a piece without SQL");
  const { start, end, line, column } = original;
  const { kind, node } = parsed;
  const isTakingOver = takesOver === true;
  return { text: sql, start, end, line, column, kind, node, original, takesOver: isTakingOver };
}

/** The statement of the file in whose place this one runs. */
export function originalOf(statement: Statement): Statement | undefined {
  return "original" in statement ? (statement as OnlineStatement).original : undefined;
}

/** True for one that finds the indexes of its partitions built. */
export function takesOver(statement: Statement): boolean {
  return "takesOver" in statement && (statement as OnlineStatement).takesOver;
}
