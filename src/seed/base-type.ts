/** What a column's type is in the end: domains are looked through. */
import type { UniqueKey } from "./catalog.ts";
import { type Comparable, type Predicate, readPredicate } from "./predicate.ts";
import type { TableRows } from "./rows.ts";

/** The name of the type in pg_type: `int4`, `timestamptz`. */
export function baseName(rows: TableRows, name: string): string {
  const { types } = rows.world.catalog;
  const column = rows.table.columns.find((one) => one.name === name);
  let type = types.get(column?.type ?? "");
  while (type?.kind === "d") type = types.get(type.base ?? "");
  return type?.name ?? "";
}

/** True for a type no value of which has a character that COPY would want escaped, as it is written here. */
export function isPlainType(name: string): boolean {
  return /^(uuid|bool|int[248]|oid|numeric|float[48]|date|timestamp|timestamptz)$/.test(name);
}

/** True for a type that holds as many values as there are rows, and no list of choices. */
export function isFreeType(name: string, choices: readonly string[] | undefined): boolean {
  return (
    choices === undefined &&
    /^(int[248]|numeric|text|varchar|bpchar|char|citext|uuid|timestamp|timestamptz|date)$/.test(
      name,
    )
  );
}

/** True for a column whose checks and length leave more values than anybody asks rows for. */
export function isEndless(rows: TableRows, name: string): boolean {
  const column = rows.table.columns.find((one) => one.name === name);
  const type = baseName(rows, name);
  const isWide = type !== "varchar" || (column?.modifier ?? 0) < 0 || (column?.modifier ?? 0) >= 20;
  return (
    isWide &&
    isFreeType(type, rows.choices(name)) &&
    /^(int[48]|text|varchar|citext|uuid|timestamp|timestamptz)$/.test(type) &&
    Object.keys(rows.rules.get(name) ?? {}).every((rule) => rule === "isNotNull") &&
    column !== undefined &&
    rows.world.catalog.types.get(column.type)?.kind !== "d"
  );
}

/** Which rows a partial index is about; undefined for a full one, and where only the server knows. */
export function predicateOf(rows: TableRows, { predicate }: UniqueKey): Predicate | undefined {
  if (predicate === null) return undefined;
  const { columns } = rows.table;
  const read = readPredicate(predicate, (name) => comparableAs(rows, name));
  const isOurs = read?.columns.every((name) =>
    columns.some((column) => column.name === name && !column.isGenerated),
  );
  return isOurs ? read : undefined;
}

function comparableAs(rows: TableRows, name: string): Comparable | undefined {
  const column = rows.table.columns.find((one) => one.name === name);
  const type = baseName(rows, name);
  if (type === "bool") return "boolean";
  if (/^(int[248]|numeric)$/.test(type)) return "number";
  const isEnum = rows.world.catalog.types.get(column?.type ?? "")?.kind === "e";
  return isEnum || /^(text|varchar)$/.test(type) ? "text" : undefined;
}
