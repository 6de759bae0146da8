/** What is kept, and the SQL fragments that keeping and putting back share. */
import { ident, literal } from "../../db/identifier.ts";
import { bytewise } from "../../db/stored-value.ts";

/** One table of kept data, as `pgwright.kept_data.shape` describes it. All names are SQL or plain names. */
export interface Shape {
  /**
   * `rows`: all rows of a table that is dropped; `deleted`: rows that are taken out of a table which
   * stays; `values`: the values of one column; `positions`: of sequences, with no table at all.
   */
  readonly kind: "rows" | "deleted" | "values" | "positions";
  /** The table as SQL, under the name it has while the migration is applied. */
  readonly table: string;
  /** What is kept: every column that is not generated, or the one. Types without modifiers. */
  readonly columns: readonly KeptColumn[];
  /** Plain names of the columns by which a row is found again; null where there is no key. */
  readonly key: readonly string[] | null;
  /** For rows with a key: plain names of the columns of every unique index. What older versions kept has none. */
  readonly uniques?: readonly (readonly string[])[];
  /** For values without a key: the columns that stay, which all together tell rows apart. */
  readonly others: readonly string[];
  /** Of those columns, the ones that ON UPDATE CASCADE has changed: they come back with what they refer to. */
  readonly followed?: readonly string[];
  /** Of values: foreign keys refer to them, so rows come behind them. */
  readonly isReferred?: boolean;
  /** For values with a key, and for deleted rows of which some may have stayed: table (SQL) and key (plain names) once the migration is rolled back. */
  readonly after: { readonly table: string; readonly key: readonly string[] } | null;
}

/** Data that wait for their migration. */
export interface Kept {
  readonly id: string;
  readonly version: string;
  readonly file: string;
  readonly object: string;
  readonly shape: Shape;
  readonly rows: string | null;
  /** False when somebody has dropped its table. */
  readonly isThere: boolean;
}

export interface KeptColumn {
  readonly name: string;
  readonly type: string;
  /** GENERATED ALWAYS AS IDENTITY: PostgreSQL does not let it be updated. */
  readonly isAlways: boolean;
}

/** SQLSTATE of data that cannot be put back, or not kept. Class PW is nobody's. */
export const keptState = "PW002";

/** What the log says of a rollback that has kept rows or values. */
export const keptReason = "kept data";

/** The table that holds kept data, as SQL. Positions of sequences, whose numbers are negative, stand in the list itself. */
export function keptTable(id: number | string): string {
  if (Number(id) < 0) return "pgwright.kept_data";
  return `pgwright.kept_${id}`;
}

/** The column of a kept table with the values of this one, as SQL: our own columns beside them have names that a table may have, too. */
export function keptColumn(name: string): string {
  return ident(/^pgwright_(?:row|like|nth|after|changed|noted)_*$/.test(name) ? `${name}_` : name);
}

/** A value as text, by its type's own output function whatever casts exist, and other than any text of other bytes; NULL stays NULL. */
export function textOf(alias: string, column: string): string {
  const value = `${alias}.${ident(column)}`;
  // IS NULL would be true for a composite value of nothing but NULLs.
  return `case when ${value} is not distinct from null then null else ${bytewise(`format('%s', ${value})`)} end`;
}

/** All of these values of a row as one text; equal for equal rows. */
export function rowText(alias: string, columns: readonly string[]): string {
  return `row(${columns.map((column) => textOf(alias, column)).join(", ")})::text`;
}

/** The same of a row of kept data, whose values are texts already. */
export function keptText(alias: string, columns: readonly string[]): string {
  return `row(${columns.map((column) => `${alias}.${keptColumn(column)}`).join(", ")})::text`;
}

/**
 * A DO block in which texts of values mean the same in every session. The settings are put back:
 * the statements after it are the user's. What goes wrong is raised as `keptState`,
 * but for locks, which are tried again.
 */
export function inSteadySettings(
  declarations: readonly string[],
  body: readonly string[],
  settings: readonly (readonly [string, string])[] = steadySettings,
): string {
  const names = settings.map(([name]) => name);
  const block = `declare
  pgwright_saved text[] := array[${names.map((name) => `current_setting(${literal(name)})`).join(", ")}]::text[];
  pgwright_detail text;
${declarations.map((line) => `  ${line};\n`).join("")}begin
${settings.map(([name, value]) => `  perform set_config(${literal(name)}, ${literal(value)}, true);\n`).join("")}${body.map((line) => `  ${line};\n`).join("")}${names.map((name, i) => `  perform set_config(${literal(name)}, pgwright_saved[${i + 1}], true);\n`).join("")}exception when lock_not_available or deadlock_detected then
  raise;
when others then
  get stacked diagnostics pgwright_detail = pg_exception_detail;
  raise exception using errcode = '${keptState}', message = sqlerrm || coalesce(': ' || nullif(pgwright_detail, ''), '');
end`;
  let tag = "$kept$";
  while (block.includes(tag)) tag = `$kept_${tag.slice(5)}`;
  return `do ${tag}\n${block}\n${tag}`;
}

const steadySettings = [
  ["datestyle", "ISO, YMD"],
  ["intervalstyle", "postgres"],
  ["extra_float_digits", "1"],
  ["bytea_output", "hex"],
  ["xmloption", "content"],
  ["lc_monetary", "C"],
  // A `regclass` is written with its schema where that is not in the path.
  ["search_path", ""],
] as const;
