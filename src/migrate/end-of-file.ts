/** What a file has left in its session, and how it goes: the next file begins as in a session of its own. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import { as } from "../db/tree.ts";
import { mayMakeTemporary } from "../locks/scope.ts";

/** CURSOR_OPT_HOLD: the cursor outlives its transaction. */
const withHold = 0x20;

/**
 * Statements for the end of the last transaction of a file that consists of these. A later file would
 * meet its temporary tables in place of what it means, and could not use the names of its prepared
 * statements and cursors; through a transaction pooler, neither could other clients.
 */
export function endOfFile(statements: readonly Statement[]): string[] {
  const prepared = new Set<string>();
  const cursors = new Set<string>();
  for (const { node } of statements) {
    const prepare = as(node, "PrepareStmt")?.name;
    if (prepare !== undefined) prepared.add(prepare);
    forget(prepared, as(node, "DeallocateStmt"), ({ name }) => name);
    const cursor = as(node, "DeclareCursorStmt");
    if (cursor?.portalname && ((cursor.options ?? 0) & withHold) !== 0) {
      cursors.add(cursor.portalname);
    }
    forget(cursors, as(node, "ClosePortalStmt"), ({ portalname }) => portalname);
  }
  return [
    ...[...prepared].map((name) => `deallocate ${ident(name)}`),
    // Before the tables that they read.
    ...[...cursors].map((name) => `close ${ident(name)}`),
    ...(statements.some(mayMakeTemporary) ? ["discard temp"] : []),
  ];
}

/** Without a name, ALL are meant. */
function forget<T>(
  names: Set<string>,
  statement: T | undefined,
  nameOf: (of: T) => string | undefined,
): void {
  if (statement === undefined) return;
  const name = nameOf(statement);
  if (name) names.delete(name);
  else names.clear();
}
