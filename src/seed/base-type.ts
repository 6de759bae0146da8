/** What a column's type is in the end: domains are looked through. */
import type { TableRows } from "./rows.ts";

/** The name of the type in pg_type: `int4`, `timestamptz`. */
export function baseName(rows: TableRows, name: string): string {
  const { types } = rows.world.catalog;
  const column = rows.table.columns.find((one) => one.name === name);
  let type = types.get(column?.type ?? "");
  while (type?.kind === "d") type = types.get(type.base ?? "");
  return type?.name ?? "";
}

/** True for a type that holds as many values as there are rows, and no list of choices. */
export function isFreeType(name: string, choices: readonly string[] | undefined): boolean {
  return (
    choices === undefined &&
    /^(int[248]|numeric|text|varchar|bpchar|citext|uuid|timestamp|timestamptz|date)$/.test(name)
  );
}
