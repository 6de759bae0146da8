/** Whether rows that a statement moves are still there when the rollback is done. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as } from "../db/tree.ts";
import { relationMadeBy } from "../locks/statement-names.ts";
import type { Names } from "./table-names.ts";
import { isTemporary, partsOf, resolveTable } from "./table-names.ts";
import type { Uncertain } from "./untold.ts";
import { findTargets, movedBy } from "./untold.ts";

/** The rollback around the statement that moves rows. */
export interface Around {
  readonly before: readonly Statement[];
  readonly behind: readonly Statement[];
  readonly names: Names;
  readonly uncertain: Uncertain;
}

/**
 * True when the INSERT of a move goes into a table that stays: one of the catalog, or one that a
 * statement before makes and none behind takes anything from. A table of the catalog needs no look
 * at what comes behind: the guards of those statements look at its rows. Anything else, above all a
 * temporary table and one that only a DO block may have made, is no home.
 */
export async function isHome(
  session: Session,
  { node }: Statement,
  { before, behind, names, uncertain }: Around,
): Promise<boolean> {
  const parts = partsOf(as(node, "InsertStmt")?.relation);
  const [name = "", schema] = parts.toReversed();
  if (schema === undefined ? movedBy(uncertain) !== undefined : isTemporary(schema)) return false;
  if (before.some((statement) => makesTable(statement, name, schema))) return stays(name, behind);
  const table = await resolveTable(session, parts, names);
  return table !== undefined && table.kind !== "v";
}

function makesTable({ node }: Statement, name: string, schema: string | undefined): boolean {
  const made = as(node, "ViewStmt") ? undefined : relationMadeBy(node);
  if (made?.relname !== name || made.relpersistence === "t") return false;
  const place = made.schemaname ?? "";
  return place === (schema ?? place) && !isTemporary(place);
}

/** By its last name alone, whatever schema: a table that looks taken is one refusal too many at worst. */
function stays(name: string, behind: readonly Statement[]): boolean {
  const called = new Set([name]);
  for (const { node } of behind) {
    const drop = as(node, "DropStmt");
    if (as(node, "DropOwnedStmt") || drop?.behavior === "DROP_CASCADE") return false;
    if (findTargets(node).some(({ parts }) => called.has(parts.at(-1) ?? ""))) return false;
    const rename = as(node, "RenameStmt");
    if (rename?.renameType === "OBJECT_TABLE" && called.has(rename.relation?.relname ?? "")) {
      called.add(rename.newname ?? "");
    }
  }
  return true;
}
