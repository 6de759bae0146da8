/** SQL that puts kept values back into rows that have stayed. */
import { ident } from "../../db/identifier.ts";
import { alwaysSql, castSql } from "./assign-sql.ts";
import { matchSql } from "./keep-sql.ts";
import type { Kept } from "./shape.ts";
import { keptTable, rowText, textOf } from "./shape.ts";

export function valuesBackSql(kept: Kept): string[] {
  const { before, after } = alwaysSql(kept.shape, kept.shape.columns);
  return [...before, updateSql(kept), ...after];
}

/** All values of a row in one go: an UPDATE moves the row, and with it its number among those alike. */
export function updateSql({ id, shape }: Kept): string {
  const { columns, key, others, table } = shape;
  const mayPut = ({ name }: { readonly name: string }) =>
    key
      ? `(not pgwright_k.pgwright_changed or (pgwright_t.${ident(name)} is not distinct from null and pgwright_k.${ident(name)} is not null))`
      : "true";
  const assign = columns
    .map(
      (column) =>
        `${ident(column.name)} = case when ${mayPut(column)} then ${castSql(column)} else pgwright_t.${ident(column.name)} end`,
    )
    .join(", ");
  const differs = columns
    .map(
      ({ name }) =>
        `${mayPut({ name })} and ${textOf("pgwright_t", name)} is distinct from pgwright_k.${ident(name)}`,
    )
    .join(" or ");
  const update = key
    ? `update ${table} as pgwright_t set ${assign} from ${keptTable(id)} as pgwright_k
    where ${matchSql(key, key)} and (${differs})`
    : `update ${table} as pgwright_t set ${assign}
    from ${keptTable(id)} as pgwright_k, ${numberedSql(table, others)} as pgwright_n
    where ${sameNumberSql} and (${differs})`;
  return update;
}

const sameNumberSql = `pgwright_n.l = pgwright_k.pgwright_like and pgwright_n.n = pgwright_k.pgwright_nth
      and pgwright_t.tableoid = pgwright_n.o and pgwright_t.ctid = pgwright_n.c`;

/** The rows of a table with the text of what tells them apart, and a number among those alike. */
function numberedSql(table: string, others: readonly string[]): string {
  const text = rowText("pgwright_o", others);
  return `(select pgwright_o.tableoid as o, pgwright_o.ctid as c, ${text} as l,
      row_number() over (partition by ${text} order by pgwright_o.tableoid, pgwright_o.ctid) as n
      from ${table} as pgwright_o)`;
}
