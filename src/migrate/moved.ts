/** Rows that a statement takes from one table and puts into another: they are not lost. */
import type { Statement, Tree } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";
import type { Names, Table } from "./table-names.ts";
import { columnThen, partsOf, resolveTable, sqlOf } from "./table-names.ts";

/**
 * The table whose rows, all of them and with all their values, the statement moves elsewhere:
 * `WITH moved AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM moved`, with lists of every
 * column in place of the stars too. Undefined for any other statement.
 *
 * That it was really all of them (row level security may hide some) is for the guard to see.
 */
export async function findMoved(
  session: Session,
  { node }: Statement,
  names: Names,
): Promise<Table | undefined> {
  const insert = as(node, "InsertStmt");
  const [expression, ...others] = allOf(insert?.withClause?.ctes, "CommonTableExpr");
  const remove = as(expression?.ctequery, "DeleteStmt");
  if (!insert || !expression || others.length > 0 || !remove || insert.onConflictClause) {
    return undefined;
  }
  const select = as(insert.selectStmt, "SelectStmt");
  const [source, ...joined] = allOf(select?.fromClause, "RangeVar");
  const isWhole =
    !remove.whereClause &&
    !remove.usingClause &&
    source?.relname === expression.ctename &&
    source?.schemaname === undefined &&
    joined.length === 0 &&
    select?.fromClause?.length === 1 &&
    isPlain(select);
  if (!isWhole) return undefined;
  const table = await resolveTable(session, partsOf(remove.relation), names);
  if (!table) return undefined;
  const wanted = await session.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [sqlOf(table)],
  );
  const columns = wanted.map(({ name }) => columnThen(table, name, names));
  const lists = [remove.returningClause?.exprs, select?.targetList];
  return lists.every((list) => takesAll(list, columns)) ? table : undefined;
}

/** SELECT … FROM …, and nothing that leaves rows out. */
function isPlain(select: Tree.SelectStmt | undefined): boolean {
  return (
    select !== undefined &&
    select.op === "SETOP_NONE" &&
    !select.whereClause &&
    !select.groupClause &&
    !select.havingClause &&
    !select.distinctClause &&
    !select.limitCount &&
    !select.limitOffset
  );
}

/** `*`, or each of the columns by its plain name. */
function takesAll(list: readonly Tree.Node[] | undefined, columns: readonly string[]): boolean {
  const fields = allOf(list, "ResTarget").map(({ val }) => as(val, "ColumnRef")?.fields);
  if (fields.some((parts) => as(parts?.at(-1), "A_Star") !== undefined)) return true;
  const taken = new Set(fields.map((parts) => stringsOf(parts).at(-1)));
  return columns.every((column) => taken.has(column));
}
