/** SQL that takes out of the kept tables what is back. */
import { literal } from "../../db/identifier.ts";
import { matchSql } from "./keep-sql.ts";
import type { Kept, Shape } from "./shape.ts";
import { keptColumn, keptTable, keptText, rowText, textOf } from "./shape.ts";

/** Takes out of the kept table what is back, and drops it when nothing is left. */
export function settleSql({ id, object, shape }: Kept): string[] {
  if (shape.kind === "positions") {
    return [
      `update pgwright.kept_data set restored_at = now(), rows_left = jsonb_array_length(sequences) where id = ${id}`,
    ];
  }
  const kept = keptTable(id);
  const mustBeWhole = shape.kind === "rows";
  return [
    // Somebody may have taken some of them out.
    `update pgwright.kept_data set kept_rows = (select count(*) from ${kept}) where id = ${id}`,
    ...deleteBackSql(id, shape),
    `select count(*) into pgwright_left from ${kept}`,
    ...(mustBeWhole
      ? [
          `if pgwright_left > 0 then
    raise exception '% of the rows of % do not fit it any more', pgwright_left, ${literal(object)};
  end if`,
        ]
      : []),
    `update pgwright.kept_data set restored_at = now(), rows_left = pgwright_left where id = ${id}`,
    `if pgwright_left = 0 then
    drop table ${kept};
  end if`,
  ];
}

/**
 * A statement for each way to be back. Never an EXISTS beside an OR: it is no join then, and the table
 * is read once for each kept row (300,000 rows: not done after ten minutes, instead of in three seconds).
 */
function deleteBackSql(id: string, { kind, table, key, others, columns }: Shape): string[] {
  const names = columns.map(({ name }) => name);
  const from = `delete from ${keptTable(id)} as pgwright_k`;
  if (kind !== "values") {
    const counted = countedSql(
      id,
      table,
      rowText("pgwright_t", columns),
      keptText("pgwright_n", names),
    );
    return [`${from} where ${counted}`];
  }
  // A NULL that has no place any more is no loss.
  const nulls = names.map((name) => `pgwright_k.${keptColumn(name)} is null`).join(" and ");
  const empty = `${from} where ${nulls}`;
  if (key) {
    const same = columns.map(
      (column) =>
        `(pgwright_k.${keptColumn(column.name)} is null or ${textOf("pgwright_t", column)} = pgwright_k.${keptColumn(column.name)})`,
    );
    return [
      empty,
      `${from} using ${table} as pgwright_t where ${[matchSql(key, key), ...same].join(" and ")}`,
    ];
  }
  const now = columns.map((column) => textOf("pgwright_t", column));
  const then = ["pgwright_like", ...names.map(keptColumn)].map((name) => `pgwright_n.${name}`);
  const counted = countedSql(
    id,
    table,
    `row(${[rowText("pgwright_t", others), ...now].join(", ")})::text`,
    `row(${then.join(", ")})::text`,
  );
  return [`${from} where ${counted}`, empty];
}

/** True for a kept row (`pgwright_k`) if the table has its text (`now`) as often as the kept rows have it (`then`). */
function countedSql(id: string, table: string, now: string, then: string): string {
  return `exists (
    select from (select ${now} as l, row_number() over (partition by ${now}) as n from ${table} as pgwright_t) as pgwright_e
    join (select pgwright_n.pgwright_row, ${then} as l, row_number() over (partition by ${then} order by pgwright_n.pgwright_row) as n
          from ${keptTable(id)} as pgwright_n) as pgwright_m on pgwright_m.l = pgwright_e.l and pgwright_m.n = pgwright_e.n
    where pgwright_m.pgwright_row = pgwright_k.pgwright_row)`;
}
