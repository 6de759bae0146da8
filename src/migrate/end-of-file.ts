/** What a file leaves in the server's session besides settings, and how others are spared it. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";

/**
 * Begins a file in a session that is ours alone. A temporary table of the one before it, which a
 * function or a trigger may have made unseen, would be met in place of the table that is meant; names
 * of cursors WITH HOLD and of prepared statements would be taken. Cursors go first: a table that one
 * reads is not dropped.
 */
export const cleanSession: readonly string[] = ["close all", "deallocate all", "discard temp"];

/**
 * Ends the last transaction of a file that consists of these statements, in a session that the next
 * transaction of others gets. What waits for COMMIT comes first, since it may need the tables. Not
 * DEALLOCATE ALL: the pooler has prepared statements of its own.
 */
export function leaveNothing(statements: readonly Statement[]): string[] {
  return [
    "set constraints all immediate",
    "close all",
    ...preparedNames(statements).map((name) => `deallocate ${ident(name)}`),
    "discard temp",
    // Not only those of SET: a function or a DO block may have made some.
    "reset all",
  ];
}

function preparedNames(statements: readonly Statement[]): string[] {
  const names = new Set<string>();
  for (const { node } of statements) {
    const made = as(node, "PrepareStmt")?.name;
    if (made !== undefined) names.add(made);
    const gone = as(node, "DeallocateStmt");
    // Without a name, ALL are meant.
    if (gone?.name) names.delete(gone.name);
    else if (gone) names.clear();
  }
  return [...names];
}
