/** The columns of a row in a fixed order, and what tells rows apart. */
import type { Catalog, Column, Table } from "../catalog.ts";
import { nameOf, rootOf } from "../catalog.ts";
import type { KeyDigest } from "../digests.ts";
import { canonical } from "../fold.ts";
import { maskerNamed } from "../maskers/list.ts";
import { valueType } from "../type-kind.ts";
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
 * The digest that a row's own is made from: that of its key, where masks need it anyway, be it the
 * key's own or the days of the person that it names. What is asked is the rules, not the SQL, so that
 * a row and its entries in a history come to the same.
 */
export function keyOf(
  { rules, catalog, domains, namedDomains }: Compilation,
  table: Table,
  value: (column: Column) => string,
): KeyDigest | undefined {
  const primary = table.uniques.find(({ isPrimary }) => isPrimary)?.uses ?? [];
  const column = inDrawOrder(catalog, table).find(({ name }) => name === primary[0]);
  if (!column || primary.length > 1) return undefined;
  const domain = domains.of(table, column.name);
  // Keys that count as equal there are still two rows.
  if (domain.fold !== "none" || domain.collation !== null) return undefined;
  const own = rules.of(table, column.name)?.whole ?? domain.rule;
  const isDrawn = domain.isShared && own !== undefined && maskerNamed(own.masker)?.from === "draw";
  const isSubject = table.columns.some(({ name }) => {
    const said = rules.of(table, name);
    const all = [said?.whole ?? domains.of(table, name).rule, ...(said?.paths ?? [])];
    return all.some((rule) => rule?.options.by === column.name);
  });
  if (!isDrawn && !isSubject) return undefined;
  const type = valueType(catalog, column.type, column.modifier, column.typeName);
  return {
    domain: domain.label,
    text: canonical(value(column), type, domain, catalog.isUnicode),
    // Only the end of the foreign keys: two tables with one key would have their masks alike.
    isFree:
      !isDrawn &&
      !namedDomains.has(domain.label) &&
      domain.label === `${nameOf(rootOf(catalog, table))}.${column.name}`,
  };
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
