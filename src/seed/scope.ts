/** What a generator knows of the column it makes values for. */
import type { Catalog, Column, Type } from "./catalog.ts";
import type { Dictionary } from "./dictionary.ts";
import type { Draw } from "./draw.ts";
import type { Rule } from "./rule.ts";

/** The value of a column in a row, as COPY reads it before escaping; null is NULL. */
export type Cell = (row: number) => string | null;

/** How a column is filled. */
export interface Made {
  readonly text: Cell;
  /** The same as a number (seconds for times), where other columns build on it. */
  readonly number?: ((row: number) => number | null) | undefined;
  /** No text has a character that COPY would want escaped: it is made of the dictionary's words. */
  readonly isPlain?: boolean | undefined;
  /** In a few words, for the plan. */
  readonly how: string;
  /** How many different values there are; Infinity for as many as rows. */
  readonly capacity?: number | undefined;
}

export interface Scope {
  /** Name of the table, without its schema. */
  readonly tableName: string;
  readonly column: Column;
  /** Its name in lower case with `_` between words. */
  readonly plainName: string;
  /** Of the value itself: domains are resolved. */
  readonly type: Type;
  /** pg_attribute.atttypmod; −1 for none. */
  readonly modifier: number;
  readonly draw: Draw;
  /** Whoever the row is about: the same hash for each column of the row. */
  readonly person: Draw;
  readonly rule: Rule;
  readonly isUnique: boolean;
  /** Ranges and times of different rows must not overlap. */
  readonly isDisjoint: boolean;
  /** A number that no other row has; another one when the row is drawn again. */
  readonly serial: (row: number) => number;
  readonly words: Dictionary;
  /** The reference date, in seconds. */
  readonly now: number;
  /** When the row came to be: after everything it refers to. */
  readonly born: (row: number) => number;
  /** Another column of the row, where it builds on none of ours. */
  readonly sibling: (name: string) => Made | undefined;
  readonly siblingNames: readonly string[];
  readonly types: Catalog["types"];
}

/** Why a column cannot be filled; completes "the column … cannot be filled: ". */
export class Impossible extends Error {
  /** `schema.name` and column that it is about, where that is known. */
  readonly table: string | undefined;
  readonly column: string | undefined;

  constructor(message: string, place: { readonly table?: string; readonly column?: string } = {}) {
    super(message);
    this.table = place.table;
    this.column = place.column;
  }
}

/** A table cannot have so many rows, whoever asked for their number. */
export class TooMany extends Impossible {
  constructor(table: string, message: string) {
    super(message, { table });
  }
}
