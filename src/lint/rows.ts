/** The rows that the condition of an UPDATE, DELETE or MERGE is asked of, and what is known of their columns. */
import type { Node, Tree } from "../db/script.ts";
import { as, relationName, stringsOf, valuesOf } from "../db/tree.ts";
import { keyOf } from "../locks/model.ts";

export interface Rows {
  readonly relation: Tree.RangeVar;
  /** The statement names no other table: a column without its table is one of these rows. */
  readonly isAlone: boolean;
  /** Names of the WITH queries around, which hide tables of the same name. */
  readonly hidden: ReadonlySet<string>;
  /** True for a column that is known to be NOT NULL. */
  isNotNull(column: string): boolean;
  /** True for a column that counts as having a value where it is compared to itself. */
  isFilled(column: string): boolean;
}

/** The name of the column of these rows that an expression is; undefined for any other expression. */
export function columnOf(
  node: Node | undefined,
  rows: Pick<Rows, "relation" | "isAlone">,
): string | undefined {
  const { fields = [] } = as(node, "ColumnRef") ?? {};
  const parts = stringsOf(fields);
  const column = parts.at(-1);
  if (parts.length !== fields.length || column === undefined) return undefined;
  const { alias, relname } = rows.relation;
  const owner = parts.at(-2);
  return (owner === undefined ? rows.isAlone : owner === (alias?.aliasname ?? relname))
    ? column
    : undefined;
}

/** `id IN (SELECT id FROM t)`, of rows of `t`: true for each of them that has an `id`. */
export function isAmongItself({ testexpr, subselect }: Tree.SubLink, rows: Rows): boolean {
  const select = selectOfAll(subselect, rows);
  const asked = as(testexpr, "RowExpr")?.args ?? (testexpr ? [testexpr] : []);
  const given = (select?.targetList ?? []).map((target) => as(target, "ResTarget")?.val);
  if (!select || asked.length === 0 || asked.length !== given.length) return false;
  const [from] = (select.fromClause ?? []).map((item) => as(item, "RangeVar"));
  const inner: Rows = { ...rows, isAlone: true, relation: from ?? {} };
  return asked.every((one, place) => {
    const column = columnOf(one, rows);
    return (
      column !== undefined && columnOf(given[place], inner) === column && rows.isFilled(column)
    );
  });
}

/**
 * `SELECT … FROM t` of all rows of the same table, among which is the one that is asked about. What
 * might take it away is left alone: a function may give no row, FOR UPDATE may skip one.
 */
export function selectOfAll(query: Node | undefined, rows: Rows): Tree.SelectStmt | undefined {
  const select = as(query, "SelectStmt");
  if (!select || (select.op ?? "SETOP_NONE") !== "SETOP_NONE") return undefined;
  const { fromClause = [], whereClause, groupClause, havingClause, withClause } = select;
  const { limitOffset, limitCount, lockingClause } = select;
  const mayLack =
    whereClause ?? groupClause ?? havingClause ?? withClause ?? limitOffset ?? limitCount;
  if (mayLack !== undefined || lockingClause !== undefined) return undefined;
  const from = as(fromClause[0], "RangeVar");
  if (fromClause.length !== 1 || !from || valuesOf(select.targetList, "FuncCall").length > 0) {
    return undefined;
  }
  const { schemaname = "", relname = "", inh } = from;
  const isHidden = schemaname === "" && rows.hidden.has(relname);
  const isSame = keyOf(relationName(from)) === keyOf(relationName(rows.relation));
  // ONLY leaves out the rows of children, which the statement writes to unless it says ONLY too.
  const isWhole = inh === true || rows.relation.inh !== true;
  return isSame && isWhole && !isHidden ? select : undefined;
}
