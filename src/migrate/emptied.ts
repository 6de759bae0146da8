/** Which rows TRUNCATE, DELETE and MERGE take, also where they are part of another statement. */
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, findNodes } from "../db/tree.ts";
import type { Suspect } from "./suspect.ts";
import { wholeTable } from "./suspect.ts";
import type { Names, Table } from "./table-names.ts";
import { partsOf, resolveTable, sqlOf } from "./table-names.ts";
import findTruncated from "./truncated-tables.sql";

export async function doomedByTruncate(
  session: Session,
  truncate: Tree.TruncateStmt,
  names: Names,
): Promise<Suspect[]> {
  const suspects: Suspect[] = [];
  for (const relation of allOf(truncate.relations, "RangeVar")) {
    const parts = partsOf(relation);
    const table = await resolveTable(session, parts, names);
    if (!table) continue;
    suspects.push(wholeTable("empties", table, parts));
    if (truncate.behavior !== "DROP_CASCADE") continue;
    const others = await session.query<Table>(findTruncated, [sqlOf(table)]);
    suspects.push(
      ...others
        .filter((other) => sqlOf(other) !== sqlOf(table))
        .map((other) => wholeTable("empties", other, [other.schema, other.table])),
    );
  }
  return suspects;
}

/**
 * DELETE and MERGE … THEN DELETE, on their own or in a WITH. Rows that the same statement puts
 * elsewhere count too: whether all of them get there, and in full, is not for us to tell.
 */
export async function doomedByDelete(
  session: Session,
  statement: Statement,
  names: Names,
): Promise<Suspect[]> {
  const { node } = statement;
  // These only store what they contain.
  if (as(node, "CreateFunctionStmt") || as(node, "RuleStmt")) return [];
  const suspects: Suspect[] = [];
  const outer = as(node, "DeleteStmt");
  const removals: (Tree.DeleteStmt | Tree.MergeStmt)[] = [
    ...findNodes(node, "DeleteStmt"),
    ...findNodes(node, "MergeStmt").filter(({ mergeWhenClauses }) =>
      allOf(mergeWhenClauses, "MergeWhenClause").some(
        ({ commandType }) => commandType === "CMD_DELETE",
      ),
    ),
  ];
  for (const removal of removals) {
    const parts = partsOf(removal.relation);
    const table = await resolveTable(session, parts, names);
    if (!table) continue;
    const whole = wholeTable("deletes from", table, parts);
    const atMost = { ...whole, isUpperBound: true };
    suspects.push(removal === outer ? narrow(atMost, statement, outer, names) : atMost);
  }
  return suspects;
}

/**
 * DELETE FROM t WHERE … and SELECT FROM t WHERE … differ in the first word, unless there is more to
 * the statement; then every row of the table is counted.
 */
function narrow(
  whole: Suspect,
  { text }: Statement,
  remove: Tree.DeleteStmt,
  names: Names,
): Suspect {
  const isPlain = !remove.withClause && !remove.usingClause && !remove.returningClause;
  const isRenamed = whole.table !== whole.tableThen && names.tables.length > 0;
  if (!isPlain || isRenamed || names.columns.size > 0 || !/^delete\s/i.test(text)) return whole;
  const rows = `select${text.slice("delete".length)}`;
  return { ...whole, rows, rowsThen: rows, isUpperBound: false };
}
