/** Which values `ALTER COLUMN … TYPE` changes: those that a round trip through the new type does not bring back. */
import { ident } from "../db/identifier.ts";
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf } from "../db/tree.ts";
import { hasNoValue, hasValue, storedText } from "../db/stored-value.ts";
import findColumnType from "./column-type.sql";
import type { Retype } from "./retype-text.ts";
import { retypesIn } from "./retype-text.ts";
import type { Suspect } from "./suspect.ts";
import { wholeTable } from "./suspect.ts";
import type { Names, Table } from "./table-names.ts";
import { columnNow, columnThen, partsOf, resolveTable, sqlOf } from "./table-names.ts";

interface ColumnType {
  /** As `format_type` writes it. */
  readonly type: string;
  readonly isEnum: boolean;
  readonly isNumber: boolean;
  /** No value changes, whatever the values are. */
  readonly isSafe: boolean;
}

/** Columns with values that the statement may change; a foreign table's values stay as they are. */
export async function doomedByRetype(
  session: Session,
  { text }: Statement,
  alter: Tree.AlterTableStmt,
  names: Names,
): Promise<Suspect[]> {
  const isRetyping = allOf(alter.cmds, "AlterTableCmd").some(
    ({ subtype }) => subtype === "AT_AlterColumnType",
  );
  if (!isRetyping || alter.objtype !== "OBJECT_TABLE") return [];
  const parts = partsOf(alter.relation);
  const table = await resolveTable(session, parts, names);
  if (!table || table.kind === "f") return [];
  const whole = wholeTable("changes values of", table, parts);
  const source = await tableAsThen(session, table, parts.at(-1) ?? "", names);
  const suspects: Suspect[] = [];
  for (const retype of retypesIn(text)) {
    const column = columnNow(table, retype.column, names);
    const [before] = await session.query<ColumnType>(findColumnType, [
      sqlOf(table),
      column,
      retype.type,
      retype.modifiers.map((modifier) => modifier ?? "?").join(),
    ]);
    if (!before || (retype.isPlain && before.isSafe)) continue;
    const around = roundTrip(retype, before);
    const nulls = `where ${hasValue(ident(retype.column))} and ${hasNoValue(converted(retype))}`;
    suspects.push({
      ...whole,
      object: `${sqlOf(table)}.${ident(column)}`,
      column,
      rows: `select from ${source} ${around.join(before.type)}`,
      rowsThen: `select from ${whole.tableThen} ${around.join(before.type)}`,
      conversion: {
        nulls: `select from ${source} ${nulls}`,
        nullsThen: `select from ${whole.tableThen} ${nulls}`,
        columnThen: retype.column,
        rowsAround: [`select from ${whole.tableThen} ${around[0]}`, around[1]],
      },
    });
  }
  return suspects;
}

/** The line break ends a comment in the expression. */
function converted({ column, type, using }: Retype): string {
  return `cast((${using ?? ident(column)}\n) as ${type})`;
}

/**
 * The condition for a value that does not come back, around the name of the type it has. Texts are
 * compared, as '1 mon' equals '30 days' and 'Ann' may equal 'ann'; but for numbers, where 1.50 is 1.5
 * and -0 is 0. An enum knows no way back but from a text.
 */
function roundTrip(retype: Retype, { isEnum, isNumber }: ColumnType): [string, string] {
  const value = ident(retype.column);
  const stored = isNumber ? (one: string) => one : storedText;
  return [
    `where ${hasValue(value)} and cast(${converted(retype)}${isEnum ? "::text" : ""} as `,
    `${stored(")")} is distinct from ${stored(value)}`,
  ];
}

/** The table of today in a FROM, under the names that it and its columns have by then. */
export async function tableAsThen(
  session: Session,
  table: Table,
  alias: string,
  names: Names,
): Promise<string> {
  if (names.tables.length === 0 && names.columns.size === 0) return sqlOf(table);
  const columns = await session.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [sqlOf(table)],
  );
  const list = columns.map(
    ({ name }) => `${ident(name)} as ${ident(columnThen(table, name, names))}`,
  );
  const places = table.kind === "r" || table.kind === "p" ? ["tableoid", "ctid"] : [];
  return `(select ${[...places, ...list].join(", ")} from ${sqlOf(table)}) as ${ident(alias)}`;
}
