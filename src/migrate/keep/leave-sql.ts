/** SQL of `--leave-kept`: notes what the migration leaves, so that what is newer is known when the data are put back by hand. */
import { literal } from "../../db/identifier.ts";
import { matchSql } from "./keep-sql.ts";
import { rowNote, takenNote, valueNote } from "./note-sql.ts";
import { renameSql } from "./origin-sql.ts";
import { noteChangesSql } from "./restore-sql.ts";
import { becomesSql } from "./rows-back-sql.ts";
import type { Kept } from "./shape.ts";
import { inSteadySettings, keptTable } from "./shape.ts";
import { numberedSql, sameNumberSql } from "./values-back-sql.ts";

/**
 * Before the migration begins: the same note as when data are put back. A table that is not as the
 * rollback left it must not keep the migration from being applied.
 */
export function noteBeforeSql(kept: readonly Kept[]): string[] {
  return kept.flatMap((one) => noteChangesSql([one], (body) => tolerant(one, body)));
}

/** In the transaction that ends the migration. `made` as for `restoreSql`. */
export function noteLeftSql(kept: readonly Kept[], made: ReadonlySet<string>): string[] {
  const notes = kept
    .filter(({ shape }) => shape.kind !== "positions")
    .map((one) => {
      const add = `alter table ${keptTable(one.id)} add column if not exists pgwright_noted text`;
      const clear = `update ${keptTable(one.id)} set pgwright_noted = null`;
      return inSteadySettings([], [add, ...tolerant(one, [clear, ...notesSql(one, made)])], {
        of: [one.shape],
      });
    });
  return [...notes, ...renameSql(kept)];
}

function notesSql({ id, shape }: Kept, made: ReadonlySet<string>): string[] {
  const { kind, table, key, columns, others } = shape;
  const update = (note: string, from: string, where: string) =>
    `update ${keptTable(id)} as pgwright_k set pgwright_noted = ${note} from ${from} where ${where}`;
  const row = `${table} as pgwright_t`;
  if (kind === "values") {
    const notes = columns.map((column) => valueNote("pgwright_t", column));
    const note = `concat_ws(' ', ${notes.join(", ")})`;
    if (key) return [update(note, row, matchSql(key, key))];
    return [update(note, `${row}, ${numberedSql(table, others)} as pgwright_n`, sameNumberSql)];
  }
  if (!key) return [];
  const becomes = becomesSql({ id, shape }, key, made.has(table));
  return [
    ...(becomes === undefined ? [] : [update(rowNote(shape.columns), row, becomes)]),
    update(literal(takenNote), row, `pgwright_k.pgwright_noted is null and ${matchSql(key, key)}`),
  ];
}

function tolerant({ object, id }: Pick<Kept, "object" | "id">, body: readonly string[]): string[] {
  const message = `what is there now of ${object} cannot be noted, so the data in ${keptTable(id)} will not fit`;
  return [
    `begin
  ${body.join(";\n  ")};
  exception when undefined_table or undefined_column or insufficient_privilege then
    raise notice '%: %', ${literal(message)}, sqlerrm;
  end`,
  ];
}
