/** What became of kept data, and what goes wrong with them. */
import type { Session } from "../../db/session.ts";
import { isPostgresError } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { SectionFailed } from "../run-section.ts";
import type { Kept } from "./shape.ts";
import { keptColumn, keptState, keptTable } from "./shape.ts";

/** What a migration has put back. */
export interface Restored {
  readonly object: string;
  readonly kind: Kept["shape"]["kind"];
  /** Of `positions`: how many sequences. */
  readonly rows: number;
  /** Rows that have no place any more, and the table they stay in. */
  readonly left: number;
  readonly table: string;
  /** Of those left, the rows whose key is NULL: a NOT NULL that was never validated lets them be, and takes no change to them. */
  readonly keyless: number;
  /** Rows that somebody has taken out of it before. */
  readonly missing: number;
}

export async function readRestored(session: Session, kept: readonly Kept[]): Promise<Restored[]> {
  const rows = await session.query<{ id: string; rows: string; left: string | null }>(
    "select id::text, kept_rows::text as rows, rows_left::text as left from pgwright.kept_data",
  );
  const restored: Restored[] = [];
  for (const { id, object, rows: noted, shape } of kept) {
    const row = rows.find((one) => one.id === id);
    if (row === undefined || row.left === null) continue;
    const left = Number(row.left);
    restored.push({
      object,
      kind: shape.kind,
      rows: Number(row.rows),
      left,
      table: keptTable(id),
      keyless: left === 0 ? 0 : await countKeyless(session, id, shape),
      missing: Math.max(0, Number(noted ?? row.rows) - Number(row.rows)),
    });
  }
  return restored;
}

async function countKeyless(session: Session, id: string, { key }: Kept["shape"]): Promise<number> {
  if (!key) return 0;
  const nulls = key.map((name) => `${keptColumn(name)} is null`).join(" or ");
  const { count } = await session.one<{ count: string }>(
    `select count(*) from ${keptTable(id)} where ${nulls}`,
  );
  return Number(count);
}

/** An error of keeping or putting back, in words; any other as it is. */
export function explainKept(error: unknown, title: string, direction: "up" | "down"): unknown {
  // What is noted before the first statement is in no section.
  const isBefore = !(error instanceof SectionFailed);
  const failed = isBefore ? error : error.failure.error;
  if (!isPostgresError(failed) || failed.code !== keptState) return error;
  const [what, hint] =
    direction === "down"
      ? [
          "data could not be kept",
          `${hidden(failed.message)}leave out --keep-data, and pass --allow-data-loss to lose what is listed then`,
        ]
      : [
          "the data that its rollback kept could not be put back",
          `${hidden(failed.message)}\`pgwright migrate --leave-kept\` applies it without them and prints the SQL that puts them back later; they stay in the tables that pgwright.kept_data lists`,
        ];
  const explained = new PgwrightError("keep-failed", `${title}: ${what}: ${failed.message}`, {
    cause: failed,
    hint,
    ...(isBefore ? { notes: [`nothing of ${title} was applied`] } : {}),
  });
  return isBefore ? explained : new SectionFailed({ ...error.failure, error: explained });
}

/** Policies of a table with FORCE hide rows from its owner too. */
function hidden(message: string): string {
  return /row-level security/.test(message)
    ? "let the role that runs migrations see every row: `alter role … bypassrls`; or "
    : "";
}
