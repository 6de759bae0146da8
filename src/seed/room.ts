/** How many rows find room in unique keys that are kept by drawing again, where these have few values. */
import type { Session } from "../db/session.ts";
import { prepareCandidates } from "./candidates.ts";
import type { TableRows } from "./rows.ts";
import { Settler } from "./settle.ts";

/** With more values than so many for each row, draws that are free are found. */
const ampleValues = 10;

/** Lowers the number of rows of which nobody said how many there are to that of those that find room. */
export async function fitRoom(session: Session, rows: TableRows): Promise<void> {
  if (rows.request?.rows !== undefined || rows.count === 0 || !isTight(rows)) return;
  const conditions = await prepareCandidates(session, rows);
  for (;;) {
    const { count } = rows;
    const room = await new Settler(rows, conditions).countRoom(session, count);
    rows.redraws.forget();
    // Of fewer rows, others find room: each time there are fewer, so this ends.
    if (room === undefined || room === count) return;
    rows.lower(room);
  }
}

/** Of so few rows, it is not worth a thought whether they may not find room. */
const fewRows = 1000;

function isTight(rows: TableRows): boolean {
  return rows.keys.some(
    (plan) =>
      plan.kind === "watched" &&
      (rows.count <= fewRows ||
        plan.columns
          .map((column) => valuesOf(rows, column))
          .reduce((one, other) => one * other, 1) <
          ampleValues * (rows.first + rows.count)),
  );
}

/** How many values a column can have, as far as that is known. */
function valuesOf(rows: TableRows, column: string): number {
  const link = rows.links.find(({ key }) => key.columns.includes(column));
  if (link) return link.source.count;
  return rows.choices(column)?.length ?? rows.column(column)?.capacity ?? Infinity;
}
