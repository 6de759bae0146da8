/** What the WHERE of a partial index leaves out. */
import { parseScript } from "../db/script.ts";
import type { Tree } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";

/**
 * True when a predicate says only that some of these columns are not null: rows it leaves out are
 * none that an equality on the columns could find.
 */
export function isOnlyNotNull(predicate: string, columns: readonly string[]): boolean {
  const statement = parseScript(`select where ${predicate}`)[0];
  const where = as(statement?.node, "SelectStmt")?.whereClause;
  return where !== undefined && saysNotNull(where, columns);
}

function saysNotNull(node: Tree.Node, columns: readonly string[]): boolean {
  const both = as(node, "BoolExpr");
  if (both?.boolop === "AND_EXPR") {
    return (both.args ?? []).every((part) => saysNotNull(part, columns));
  }
  const test = as(node, "NullTest");
  if (test?.nulltesttype !== "IS_NOT_NULL") return false;
  const name = stringsOf(as(test.arg, "ColumnRef")?.fields).at(-1);
  return name !== undefined && columns.includes(name);
}
