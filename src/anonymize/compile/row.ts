/** The columns of a row in a fixed order, and what tells rows apart. */
import type { Catalog, Column, Table } from "../catalog.ts";
import { rootOf } from "../catalog.ts";
import type { Compilation } from "./compilation.ts";

/**
 * The stored columns in the order of the root: bits of a row are handed out in this order, and a
 * partition may have its columns in another.
 */
export function inDrawOrder(catalog: Catalog, table: Table): Column[] {
  const order = rootOf(catalog, table).columns.map(({ name }) => name);
  const rank = (name: string) => {
    const at = order.indexOf(name);
    return at < 0 ? order.length : at;
  };
  return table.columns
    .filter(({ generated }) => generated === null)
    .toSorted((one, other) => rank(one.name) - rank(other.name));
}

/**
 * SQL of a text that tells the rows of a table apart: the primary key, else all columns that are
 * masked. A record's text quotes its members, so ('a,b', 'c') and ('a', 'b,c') differ.
 */
export function identityOf(
  { rules, catalog }: Compilation,
  table: Table,
  value: (column: Column) => string,
): string {
  const key = table.uniques.find(({ isPrimary }) => isPrimary)?.uses;
  const stored = inDrawOrder(catalog, table);
  const columns = key
    ? key.flatMap((name) => stored.find((one) => one.name === name) ?? [])
    : stored.filter(({ name }) => rules.of(table, name));
  const values = columns.map(value);
  return values.length === 1 ? `${values[0]}::text` : `row(${values.join(", ")})::text`;
}
