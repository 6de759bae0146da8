/** The SQL that puts back by hand what `--leave-kept` has left. */
import { literal } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { lockSql, restoreBody } from "./restore-sql.ts";
import { rowsByHandSql } from "./rows-back-sql.ts";
import type { Kept } from "./shape.ts";
import { inSteadySettings, keptTable } from "./shape.ts";
import { weighSql, valuesBackSql } from "./values-back-sql.ts";

/** When the migration is long done. */
const byHand = {
  rows: rowsByHandSql,
  values: (kept: Kept) => valuesBackSql(kept, true),
};

/** Kept data that an applied migration has not put back. */
export interface LeftKept {
  readonly object: string;
  readonly kind: Kept["shape"]["kind"];
  readonly rows: number;
  readonly table: string;
}

/** Counts them: somebody may have taken rows out of the tables. */
export async function leftKept(session: Session, kept: readonly Kept[]): Promise<LeftKept[]> {
  const left: LeftKept[] = [];
  for (const { object, rows, id, shape } of kept) {
    const { kind } = shape;
    const table = keptTable(id);
    const { count } =
      kind === "positions"
        ? { count: rows ?? 0 }
        : await session.one<{ count: string }>(`select count(*) from ${table}`);
    left.push({ object, kind, rows: Number(count), table });
  }
  return left;
}

/**
 * One transaction that does for all of them what `migrate` would have done, the migrations one after
 * the other as in `versions`: whatever stands in the way ends it with an error that names it, and what
 * has changed since the migration stays as it is.
 */
export function putBackSql(kept: readonly Kept[], versions: readonly string[]): string {
  const parts = versions.map((version) => kept.filter((one) => one.version === version));
  const ids = kept.map(({ id }) => id).join(", ");
  const isDone = `if exists (select from pgwright.kept_data where id in (${ids}) and restored_at is not null) then
    raise exception '%', ${literal("these data have been put back already")};
  end if`;
  return [
    "begin",
    "set local row_security = off",
    inSteadySettings([], [isDone, ...lockSql(kept), ...kept.flatMap(weighSql)], {
      of: kept.map(({ shape }) => shape),
    }),
    ...parts.filter((own) => own.length > 0).map((own) => restoreBody(own, byHand)),
    "commit;",
  ].join(";\n");
}
