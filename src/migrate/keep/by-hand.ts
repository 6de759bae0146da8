/** The SQL that puts back by hand what `--leave-kept` has left. */
import { insertFromKept } from "./assign-sql.ts";
import { updateSql } from "./values-back-sql.ts";
import type { Kept } from "./shape.ts";
import { keptTable } from "./shape.ts";

/** Kept data that an applied migration has not put back. */
export interface LeftKept {
  readonly object: string;
  readonly rows: number;
  readonly table: string;
  /** One transaction, in which rows that are there stay as they are. */
  readonly sql: string;
}

export function leftKept(kept: readonly Kept[]): LeftKept[] {
  return kept.map((one) => ({
    object: one.object,
    rows: Number(one.rows ?? 0),
    table: keptTable(one.id),
    sql: [
      "begin",
      putBackSql(one),
      `update pgwright.kept_data set restored_at = now() where id = ${one.id}`,
      "commit;",
    ].join(";\n"),
  }));
}

function putBackSql(kept: Kept): string {
  const { id, shape } = kept;
  if (shape.kind === "values") return updateSql(kept);
  return `${insertFromKept(shape)}
from ${keptTable(id)} as pgwright_k order by pgwright_row on conflict do nothing`;
}
