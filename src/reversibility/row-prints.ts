/** In how many rows a value is another than before: sums tell that there is one, and not in how many. */
import { ident } from "../db/identifier.ts";
import { storedText } from "../db/stored-value.ts";
import type { TableSum } from "./rows.ts";

/**
 * One array per row: a hash of the key as text, null without one, then a hash of 32 bits per column,
 * null for NULL. Two values that have one hash are counted as one: for a number in a sentence this is
 * good enough, what has changed at all is told by the sums.
 */
export type RowPrints = readonly (readonly (string | number | null)[])[];

/** Rows of larger tables are not kept: 20,000 of 20 columns are some 5 MB. */
export const mostPrinted = 20_000;

/** A query of one value for `RowPrints`, which has one row too many where there are more than that. */
export function printQuery(
  from: string,
  columns: readonly { readonly name: string }[],
  key: readonly string[],
): string {
  const parts = key.map((name) => `p.${ident(name)}::text`).join(", ");
  const keyPrint =
    key.length === 0 ? "null" : `hashtextextended(json_build_array(${parts})::text, 0)::text`;
  const prints = columns.map(({ name }) => `hashtext(${storedText(`p.${ident(name)}`)})`);
  return `select coalesce(json_agg(json_build_array(${[keyPrint, ...prints].join(", ")})), '[]')
    from (select * from ${from} r limit ${mostPrinted + 1}) p`;
}

export interface Count {
  readonly rows: number;
  /** Rows could be told apart by their key; otherwise it may be more. */
  readonly isExact: boolean;
}

/** In how many of the rows before a column has another value now, or none; undefined where that is not known. */
export function countOthers(had: TableSum, has: TableSum, column: string): Count | undefined {
  const at = had.columns.findIndex(({ name }) => name === column) + 1;
  const atNow = has.columns.findIndex(({ name }) => name === column) + 1;
  if (!had.prints || !has.prints || at === 0 || atNow === 0) return undefined;
  if (isKeyKept(had, has)) {
    const now = new Map(has.prints.map((row) => [row[0], row[atNow]]));
    const others = had.prints.filter((row) => now.get(row[0]) !== row[at]);
    return { rows: others.length, isExact: true };
  }
  const left = new Map<unknown, number>();
  for (const row of has.prints) left.set(row[atNow], (left.get(row[atNow]) ?? 0) + 1);
  let gone = 0;
  for (const row of had.prints) {
    const same = left.get(row[at]) ?? 0;
    if (same === 0) gone += 1;
    else left.set(row[at], same - 1);
  }
  return { rows: gone, isExact: false };
}

/** A key that has changed itself tells no rows apart. */
function isKeyKept(had: TableSum, has: TableSum): boolean {
  const { primaryKey } = had;
  if (primaryKey.length === 0 || primaryKey.join("\n") !== has.primaryKey.join("\n")) return false;
  return primaryKey.every((name) => {
    const [one, other] = [had, has].map(({ columns }) => columns.find((c) => c.name === name));
    return one !== undefined && one.sum === other?.sum;
  });
}
