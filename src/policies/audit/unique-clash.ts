/** Whether a row that comes back meets one that is about to go. */
import type { Session } from "../../db/session.ts";
import listUniqueKeys from "./unique-keys.sql";
import type { PreparedRow } from "./undo-row.ts";

/**
 * True when a row to insert has a unique value that a row to delete, or one that gets its old value
 * back, still holds: somebody signed up anew after the account was deleted. Deleting comes first then.
 */
export async function uniqueClash(
  session: Session,
  rows: readonly PreparedRow[],
): Promise<boolean> {
  const coming = rows.filter(({ row }) => row.kind === "insert");
  const oids = new Set(coming.map(({ row }) => row.table.oid));
  const holding = rows.filter(({ row }) => row.kind !== "insert" && oids.has(row.table.oid));
  if (holding.length === 0) return false;
  const keys = await session.query<{ oid: string; columns: string[] }>(listUniqueKeys, [
    JSON.stringify([...oids]),
  ]);
  return keys.some(({ oid, columns }) => {
    const held = new Set(
      holding
        .filter(({ row }) => row.table.oid === oid)
        .map(({ row }) => JSON.stringify(columns.map((column) => row.after.get(column)?.text))),
    );
    return coming.some(
      ({ row }) =>
        row.table.oid === oid &&
        held.has(JSON.stringify(columns.map((column) => row.before.get(column)?.text))),
    );
  });
}
