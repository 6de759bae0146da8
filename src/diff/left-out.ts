/** What the SQL of a difference leaves out: each part with its reason, so that nobody takes the rest for all of it. */
import { ident } from "../db/identifier.ts";
import { tokensOf } from "../schema/tokens.ts";

export interface LeftOut {
  /** `column email`, or a statement in short. */
  readonly what: string;
  /** Why no statement is given: what it would lose, what it would fail on, or what is not known. */
  readonly why: string;
}

/**
 * Whether a statement names the column: as a word of its own, not within a text. A column that is
 * called as a type or a function is taken for named too often, never too seldom.
 */
export function namesColumn(sql: string, column: string): boolean {
  const name = ident(column);
  return tokensOf(sql).some(({ text }) => text === name);
}

/** Why a statement is left out that names a column which is not made. */
export function needsColumn(column: string): string {
  return `it names column ${ident(column)}, which is left out`;
}
