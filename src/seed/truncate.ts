/** `--truncate`: empties the tables before they are filled. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { type Catalog, nameOf } from "./catalog.ts";
import { countRows } from "./stored.ts";

export interface TruncateOptions {
  /** `schema.name` or `name`; empty means all. */
  readonly tables: readonly string[];
  readonly allowDataLoss: boolean;
}

/**
 * One TRUNCATE for all of them, without CASCADE: a table that is not named is never emptied.
 *
 * @throws PgwrightError `data-loss` where rows would be lost and that was not allowed.
 */
export async function emptyTables(
  session: Session,
  catalog: Catalog,
  { tables: names, allowDataLoss }: TruncateOptions,
): Promise<void> {
  const tables = catalog.tables.filter(
    (table) => names.length === 0 || names.includes(nameOf(table)) || names.includes(table.name),
  );
  if (tables.length === 0) return;
  const losses: string[] = [];
  for (const table of tables) {
    const rows = await countRows(session, table);
    if (rows > 0) losses.push(`${nameOf(table)}: ${rows} ${rows === 1 ? "row" : "rows"}`);
  }
  if (losses.length === 0) return;
  if (!allowDataLoss) {
    throw new PgwrightError("data-loss", "`--truncate` would lose rows; nothing was changed", {
      notes: losses,
      hint: "add --allow-data-loss if they may go",
    });
  }
  const list = tables.map(({ schema, name }) => qualified(schema, name)).join(", ");
  await session.query(`truncate ${list}`);
}
