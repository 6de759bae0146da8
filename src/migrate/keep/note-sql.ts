/** What `pgwright_noted` of a kept row says about the row or the values that a migration with `--leave-kept` leaves. */
import type { Kept } from "./shape.ts";
import { rowText } from "./shape.ts";

/** Of a kept row whose place was taken when the migration ended. */
export const takenNote = "taken";

/** Of the row `pgwright_t`, without the columns that later migrations add. */
export function rowNote(columns: Kept["shape"]["columns"]): string {
  return `md5(${rowText("pgwright_t", columns)})`;
}

/** Never null: the note of several columns is taken apart at its blanks. */
export function valueNote(alias: string, column: Kept["shape"]["columns"][number]): string {
  return `md5(${rowText(alias, [column])})`;
}
