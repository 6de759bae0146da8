/** What one kind of personal data is known by. */
import type { Value } from "./value.ts";

/** What a column's type lets it hold. */
export type Kind =
  | "text"
  | "number"
  | "date"
  | "boolean"
  | "uuid"
  | "network"
  | "mac"
  | "place"
  | "bytes";

/** How a value looks: not like it, like it but for its check digits, like it altogether. */
export const Look = { No: 0, Shape: 1, Yes: 2 } as const;
export type Look = (typeof Look)[keyof typeof Look];

export interface ValueTest {
  readonly look: (value: Value) => Look;
  /** Of values that have the shape by chance, the share that looks like it altogether. */
  readonly chance: number;
  /** Log-odds where most values look like it and the name says nothing. */
  readonly weight: number;
  /** Log-odds taken off where hardly any does. */
  readonly against: number;
  /** Count rows, not distinct values: for kinds with a handful of values. */
  readonly byRows?: boolean;
  /** Share of the values that must look like it; 0.5 unless given. A dictionary never knows all. */
  readonly share?: number;
  /** Finds it inside longer text. */
  readonly within?: (value: Value) => string | undefined;
}

export interface Detector {
  readonly entity: string;
  /** "an e-mail address" */
  readonly says: string;
  readonly isDirect: boolean;
  readonly kinds: readonly Kind[];
  /** Phrases, separated by commas, that mean it wherever they stand. */
  readonly names: string;
  /** Phrases that mean it in a table about people. */
  readonly weakNames?: string;
  /** Words that mean it alone or right after a word for a person: `name` in `customer_name`. */
  readonly afterPerson?: string;
  /** Names of types that decide by themselves. */
  readonly types?: readonly string[];
  readonly value?: ValueTest;
  /** A handful of values on many rows speaks against it. */
  readonly isVaried?: boolean;
}
