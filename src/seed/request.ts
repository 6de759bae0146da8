/** What is asked for: by seed files, options, or, where nothing is said, by the tool itself. */
import type { Locale } from "./dictionary.ts";

/** How many rows each row of a parent table gets. */
export type PerParent = { readonly per: string } & (
  | { readonly kind: "range"; readonly min: number; readonly max: number }
  /** The n-th most usual number is n^−exponent as frequent: many have few, few have many. */
  | { readonly kind: "zipf"; readonly exponent: number; readonly min: number; readonly max: number }
);

/** How a column, or a place inside a JSON document, is filled. */
export type Spec =
  | { readonly kind: "constant"; readonly value: unknown }
  | {
      readonly kind: "weights";
      readonly values: readonly (string | null)[];
      /** Running sums of the weights, the last one being the total. */
      readonly upTo: readonly number[];
    }
  | { readonly kind: "range"; readonly min: number; readonly max: number; readonly digits: number }
  | { readonly kind: "generator"; readonly name: string }
  | { readonly kind: "object"; readonly members: Readonly<Record<string, Spec>> }
  | { readonly kind: "list"; readonly of: Spec; readonly min: number; readonly max: number }
  | { readonly kind: "count"; readonly table: string }
  | { readonly kind: "days"; readonly min: number; readonly max: number };

export interface ColumnRequest {
  readonly spec: Spec | undefined;
  readonly nullShare: number | undefined;
}

export interface TableRequest {
  readonly rows: number | PerParent | undefined;
  readonly columns: Readonly<Record<string, ColumnRequest>>;
}

export interface SeedRequest {
  readonly seed: string;
  readonly locale: Locale;
  /** Seconds since 1970 UTC. */
  readonly asOf: number;
  readonly scale: number;
  readonly tables: Readonly<Record<string, TableRequest>>;
  /** Every column that allows NULL has it in one row, keys too, as far as CHECKs let it. */
  readonly showsNulls?: boolean;
}

/** 2026-01-01: where no seed file says another reference date. */
export const usualAsOf = Date.UTC(2026, 0, 1) / 1000;

/** Rows of a table that nothing is said of. */
export const usualRows = 100;
