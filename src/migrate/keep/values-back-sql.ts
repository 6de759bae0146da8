/** SQL that puts kept values back into rows that have stayed. */
import { ident } from "../../db/identifier.ts";
import { alwaysSql, castSql } from "./assign-sql.ts";
import { matchSql } from "./keep-sql.ts";
import { valueNote } from "./note-sql.ts";
import { pairsSql } from "./pairs-sql.ts";
import type { Kept } from "./shape.ts";
import { keptColumn, keptTable, rowText, textOf } from "./shape.ts";

export function valuesBackSql(kept: Kept, isByHand = false): string[] {
  const { before, after } = alwaysSql(kept.shape, kept.shape.columns);
  return [...before, updateSql(kept, isByHand), ...after];
}

/**
 * By hand, before anything is put back: turns the note of each kept row into one word for each value.
 * `left` is as the migration left it; what is not is newer, and so is one whose row has come since.
 */
export function weighSql({ id, shape }: Kept): string[] {
  const { kind, table, key, others, columns } = shape;
  if (kind !== "values") return [];
  const words = columns.map(
    (column, i) =>
      `case when ${wordSql(i)} = ${valueNote("pgwright_t", column)} then 'left' else 'newer' end`,
  );
  const update = `update ${keptTable(id)} as pgwright_k set pgwright_noted`;
  const row = `${table} as pgwright_t`;
  const numbered = `${numberedSql(table, others)} as pgwright_n`;
  const [rows, there] = key
    ? [`${row} where ${matchSql(key, key)}`, `${row} where ${matchSql(key, key)}`]
    : [`${row}, ${numbered} where ${sameNumberSql}`, `${numbered} where ${sameTextSql}`];
  return [
    `${update} = concat_ws(' ', ${words.join(", ")}) from ${rows} and pgwright_k.pgwright_noted is not null`,
    // Its row may be among those that come back.
    `${update} = '${columns.map(() => "left").join(" ")}' where not exists (select from ${there})`,
  ];
}

/** One of the words or digests in a note. */
const wordSql = (i: number) => `split_part(pgwright_k.pgwright_noted, ' ', ${i + 1})`;

/** All values of a row in one go: an UPDATE moves the row, and with it its number among those alike. */
function updateSql({ id, shape }: Kept, isByHand: boolean): string {
  const { columns, key, table } = shape;
  const mayPut = (column: Kept["shape"]["columns"][number]) =>
    isByHand
      ? `${wordSql(columns.indexOf(column))} = 'left' and ${isUnchanged(column)}`
      : isUnchanged(column);
  const isUnchanged = ({ name }: { readonly name: string }) =>
    key
      ? `(not pgwright_k.pgwright_changed or (pgwright_t.${ident(name)} is not distinct from null and pgwright_k.${keptColumn(name)} is not null))`
      : "true";
  const assign = columns
    .map(
      (column) =>
        `${ident(column.name)} = case when ${mayPut(column)} then ${castSql(column)} else pgwright_t.${ident(column.name)} end`,
    )
    .join(", ");
  const differs = columns
    .map(
      (column) =>
        `${mayPut(column)} and ${textOf("pgwright_t", column)} is distinct from pgwright_k.${keptColumn(column.name)}`,
    )
    .join(" or ");
  const update = key
    ? `update ${table} as pgwright_t set ${assign} from ${keptTable(id)} as pgwright_k
    where ${matchSql(key, key)} and (${differs})`
    : `with ${pairsSql({ id, shape })}
    update ${table} as pgwright_t set ${assign}
    from ${keptTable(id)} as pgwright_k join pgwright_pairs as pgwright_p on pgwright_p.r = pgwright_k.pgwright_row
    where pgwright_t.tableoid = pgwright_p.o and pgwright_t.ctid = pgwright_p.c and (${differs})`;
  return update;
}

const sameTextSql = `pgwright_n.l = pgwright_k.pgwright_like and pgwright_n.n = pgwright_k.pgwright_nth`;

export const sameNumberSql = `${sameTextSql}
      and pgwright_t.tableoid = pgwright_n.o and pgwright_t.ctid = pgwright_n.c`;

/** The rows of a table with the text of what tells them apart, and a number among those alike. */
export function numberedSql(table: string, others: readonly string[]): string {
  const text = rowText("pgwright_o", others);
  return `(select pgwright_o.tableoid as o, pgwright_o.ctid as c, ${text} as l,
      row_number() over (partition by ${text} order by pgwright_o.tableoid, pgwright_o.ctid) as n
      from ${table} as pgwright_o)`;
}
