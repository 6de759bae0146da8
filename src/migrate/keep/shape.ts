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
  /** The time zone of its texts. Older versions noted none: theirs is that of the session that kept. */
  readonly zone?: typeof steadyZone;
}

/** Data of a migration that is nowhere to be seen. */
export interface Unclaimed {
  readonly id: string;
  /** Whose rollback it was. */
  readonly file: string;
  readonly object: string;
}

/** Data that wait for their migration. */
export interface Kept extends Unclaimed {
  /** The one that the migration has now. */
  readonly version: string;
  /** The one that the migration had when its data were kept. */
  readonly from: string;
  /** The migration's file as it is called now. */
  readonly claimedBy: string;
  readonly shape: Shape;
  readonly rows: string | null;
  /** False when somebody has dropped its table. */
  readonly isThere: boolean;
  /** The role that migrations run as may do with its table what it wants. */
  readonly isOwn: boolean;
}

export interface KeptColumn {
  readonly name: string;
  readonly type: string;
  /** GENERATED ALWAYS AS IDENTITY: PostgreSQL does not let it be updated. */
  readonly isAlways: boolean;
  /**
   * The output of xml leaves out a declaration (`<?xml …?>`), a cast does not: the type to cast to before. `within`
   * other types there is none.
   */
  readonly xml?: "text" | "text[]" | "within";
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

/** A column by its name, or as it is kept. */
type Column = string | Pick<KeptColumn, "name" | "xml">;

/** A value as text, by its type's own output function whatever casts exist, and other than any text of other bytes; NULL stays NULL. */
export function textOf(alias: string, column: Column): string {
  const { name, xml = "within" } = typeof column === "string" ? { name: column } : column;
  const value = `${alias}.${ident(name)}`;
  const written = xml === "within" ? value : `${value}::${xml}`;
  // IS NULL would be true for a composite value of nothing but NULLs.
  return `case when ${value} is not distinct from null then null else ${bytewise(`format('%s', ${written})`)} end`;
}

/** All of these values of a row as one text; equal for equal rows. */
export function rowText(alias: string, columns: readonly Column[]): string {
  return `row(${columns.map((column) => textOf(alias, column)).join(", ")})::text`;
}

/** The same of a row of kept data, whose values are texts already. */
export function keptText(alias: string, columns: readonly string[]): string {
  return `row(${columns.map((column) => `${alias}.${keptColumn(column)}`).join(", ")})::text`;
}

interface Steadily {
  /** What the texts are of; those that are made now are noted with their zone. */
  readonly of?: readonly Shape[];
  /** Runs before, in the settings of the session: what the user has written means there what it says. */
  readonly first?: readonly string[];
}

/**
 * A DO block in which texts of values mean the same in every session. The settings are put back:
 * the statements after it are the user's. What goes wrong is raised as `keptState`,
 * but for locks, which are tried again.
 */
export function inSteadySettings(
  declarations: readonly string[],
  body: readonly string[],
  { of = [], first = [] }: Steadily = {},
): string {
  const texts = of.filter(({ kind }) => kind !== "positions");
  const isOld = texts.length > 0 && texts.every(({ zone }) => zone === undefined);
  const settings = isOld ? steadySettings.filter(([name]) => !unsteady.has(name)) : steadySettings;
  const names = settings.map(([name]) => name);
  const block = `declare
  pgwright_saved text[] := array[${names.map((name) => `current_setting(${literal(name)})`).join(", ")}]::text[];
  pgwright_detail text;
${declarations.map((line) => `  ${line};\n`).join("")}begin
${first.map((line) => `  ${line};\n`).join("")}${settings.map(([name, value]) => `  perform set_config(${literal(name)}, ${literal(value)}, true);\n`).join("")}${body.map((line) => `  ${line};\n`).join("")}${names.map((name, i) => `  perform set_config(${literal(name)}, pgwright_saved[${i + 1}], true);\n`).join("")}exception when lock_not_available or deadlock_detected then
  raise;
when others then
  get stacked diagnostics pgwright_detail = pg_exception_detail;
  raise exception using errcode = '${keptState}', message = sqlerrm || coalesce(': ' || nullif(pgwright_detail, ''), '');
end`;
  let tag = "$kept$";
  while (block.includes(tag)) tag = `$kept_${tag.slice(5)}`;
  return `do ${tag}\n${block}\n${tag}`;
}

export const steadyZone = "UTC";

/** What older versions left as the session had it. */
const unsteady: ReadonlySet<string> = new Set(["timezone", "search_path"]);

const steadySettings = [
  ["timezone", steadyZone],
  ["datestyle", "ISO, YMD"],
  ["intervalstyle", "postgres"],
  ["extra_float_digits", "1"],
  ["bytea_output", "hex"],
  ["xmloption", "content"],
  ["lc_monetary", "C"],
  // Of names, such as those of regclass, which are written with their schemas where these are not in the path.
  ["quote_all_identifiers", "off"],
  ["search_path", ""],
  // In which way NULL in an array is read.
  ["array_nulls", "on"],
] as const;
