/** What an expression comes to before any row is looked at. */
import type { Node } from "../../../db/script.ts";
import { as, stringsOf } from "../../../db/tree.ts";

/**
 * True or false where no row and no identity changes it (NULL aside: `a = a`), else undefined. The
 * simple forms only: constants, comparisons of them, AND, OR, NOT, CASE, and a SELECT without FROM.
 */
export function fold(node: Node | undefined): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant?.boolval !== undefined) return constant.boolval.boolval ?? false;
  const cast = as(node, "TypeCast");
  if (cast) return fold(cast.arg) ?? foldText(cast.arg);
  const link = as(node, "SubLink");
  if (link?.subLinkType === "EXPR_SUBLINK") return fold(selected(link.subselect));
  const either = as(node, "BoolExpr");
  if (either) return foldBoolean(either.boolop, (either.args ?? []).map(fold));
  const test = as(node, "BooleanTest");
  if (test) return foldTest(test.booltesttype, fold(test.arg));
  const choice = as(node, "CaseExpr");
  if (choice && choice.arg === undefined) {
    const results: (boolean | undefined)[] = [];
    for (const arm of choice.args ?? []) {
      const when = as(arm, "CaseWhen");
      const condition = fold(when?.expr);
      if (condition === false) continue;
      results.push(fold(when?.result));
      if (condition === true) return same(results);
    }
    return same([...results, fold(choice.defresult)]);
  }
  const coalesce = as(node, "CoalesceExpr");
  if (coalesce) return fold(coalesce.args?.[0]);
  const comparison = as(node, "A_Expr");
  if (comparison?.kind !== "AEXPR_OP") return undefined;
  const [left, right] = [valueOf(comparison.lexpr), valueOf(comparison.rexpr)];
  if (left === undefined || right === undefined) return undefined;
  const isEqual = left === right;
  const [operator] = stringsOf(comparison.name).slice(-1);
  // `1 = 1.0` is true as well, so that texts which differ say nothing.
  if (!isEqual) return undefined;
  if (operator === "=" || operator === ">=" || operator === "<=") return true;
  return operator === "<>" || operator === "<" || operator === ">" ? false : undefined;
}

function selected(node: Node | undefined): Node | undefined {
  const select = as(node, "SelectStmt");
  if (!select || select.fromClause !== undefined || select.whereClause !== undefined) {
    return undefined;
  }
  return as(select.targetList?.[0], "ResTarget")?.val;
}

function foldText(node: Node | undefined): boolean | undefined {
  const text = as(node, "A_Const")?.sval?.sval;
  return text === "t" || text === "true" ? true : undefined;
}

function foldBoolean(
  operator: string | undefined,
  values: readonly (boolean | undefined)[],
): boolean | undefined {
  if (operator === "NOT_EXPR") return values[0] === undefined ? undefined : !values[0];
  const decides = operator === "OR_EXPR";
  if (values.includes(decides)) return decides;
  return values.every((value) => value === !decides) ? !decides : undefined;
}

function foldTest(type: string | undefined, value: boolean | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (type === "IS_TRUE" || type === "IS_NOT_FALSE") return value;
  return type === "IS_FALSE" || type === "IS_NOT_TRUE" ? !value : undefined;
}

function same(values: readonly (boolean | undefined)[]): boolean | undefined {
  const [first] = values;
  return values.every((value) => value === first) ? first : undefined;
}

/** A constant or a column of the row, to be compared with another; casts of constants aside. */
function valueOf(node: Node | undefined): string | undefined {
  const cast = as(node, "TypeCast");
  if (cast) return valueOf(cast.arg);
  const link = as(node, "SubLink");
  if (link?.subLinkType === "EXPR_SUBLINK") return valueOf(selected(link.subselect));
  const constant = as(node, "A_Const");
  if (constant) {
    if (constant.isnull) return undefined;
    const { ival, fval, sval, boolval } = constant;
    return JSON.stringify(["constant", ival, fval, sval, boolval]);
  }
  return columnOf(node);
}

/** A column as text: two references to the same one are equal. */
export function columnOf(node: Node | undefined): string | undefined {
  const column = as(node, "ColumnRef");
  return column && JSON.stringify(["column", stringsOf(column.fields).at(-1)]);
}

/** Every row passes, at most those aside where a column is NULL. */
export function passesAnyRow(node: Node | undefined): boolean {
  if (fold(node) === true) return true;
  const test = as(node, "NullTest");
  if (test?.nulltesttype === "IS_NOT_NULL") return columnOf(test.arg) !== undefined;
  const both = as(node, "BoolExpr");
  return both?.boolop === "AND_EXPR" && (both.args ?? []).every(passesAnyRow);
}
