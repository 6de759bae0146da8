/** What a condition comes to that depends on no row, as in `WHERE true`, `WHERE 2 > 1` and `WHERE EXISTS (SELECT 1)`. */
import type { Node, Tree } from "../db/script.ts";
import { isSameTree } from "../db/script.ts";
import { allOf, as, stringsOf, valuesOf } from "../db/tree.ts";

/**
 * What PostgreSQL makes of it, by three-valued logic; undefined for NULL, and wherever a row, a setting
 * or a function has a say: those are not called.
 */
export function truthOf(node: Node): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant?.boolval) return constant.boolval.boolval ?? false;
  const comparison = as(node, "A_Expr");
  if (comparison?.kind === "AEXPR_OP") return compare(comparison);
  const tested = as(node, "BooleanTest");
  if (tested?.arg) return test(tested.booltesttype, truthOf(tested.arg));
  const asked = as(node, "SubLink");
  if (asked?.subLinkType === "EXISTS_SUBLINK") return isOneRow(asked.subselect) ? true : undefined;
  if (asked?.subLinkType === "EXPR_SUBLINK") return valueOfQuery(asked.subselect);
  const cast = as(node, "TypeCast");
  if (cast) return castToBoolean(cast);
  const nothing = as(node, "NullTest");
  if (nothing) return testNull(nothing);
  const choice = as(node, "CoalesceExpr");
  if (choice) {
    const first = choice.args?.find((arg) => isNull(arg) !== true);
    return first && truthOf(first);
  }
  return combine(as(node, "BoolExpr"));
}

/** True for NULL, false for any other constant; undefined for what is none. */
function isNull(node: Node | undefined): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant) return constant.isnull === true;
  const cast = as(node, "TypeCast");
  return cast ? isNull(cast.arg) : undefined;
}

function testNull({ arg, nulltesttype }: Tree.NullTest): boolean | undefined {
  const is = isNull(arg);
  return is === undefined ? undefined : is === (nulltesttype === "IS_NULL");
}

/** `true::boolean`, `'t'::bool`: the words that boolin() takes in full. */
function castToBoolean({ arg, typeName }: Tree.TypeCast): boolean | undefined {
  const type = stringsOf(typeName?.names).at(-1);
  if (!arg || type !== "bool" || (typeName?.arrayBounds?.length ?? 0) > 0) return undefined;
  const word = as(arg, "A_Const")?.sval?.sval?.trim().toLowerCase();
  if (word === undefined) return truthOf(arg);
  if (["t", "true", "y", "yes", "on", "1"].includes(word)) return true;
  return ["f", "false", "n", "no", "off", "0"].includes(word) ? false : undefined;
}

/** `(SELECT true)` */
function valueOfQuery(query: Node | undefined): boolean | undefined {
  const targets = as(query, "SelectStmt")?.targetList;
  const value = targets?.length === 1 ? as(targets[0], "ResTarget")?.val : undefined;
  return value && isOneRow(query) ? truthOf(value) : undefined;
}

/** `x IS NULL OR x IS NOT NULL` of a plain column: of a row in a column, both can be false. */
function isEitherWay(parts: readonly Node[] | undefined): boolean {
  const tests = allOf(parts, "NullTest").filter(({ arg }) => as(arg, "ColumnRef"));
  return tests.some(({ arg, nulltesttype }) =>
    tests.some((other) => other.nulltesttype !== nulltesttype && isSameTree(other.arg, arg)),
  );
}

function combine(joined: Tree.BoolExpr | undefined): boolean | undefined {
  const parts = joined?.args?.map(truthOf) ?? [];
  switch (joined?.boolop) {
    case "NOT_EXPR":
      return parts[0] === undefined ? undefined : !parts[0];
    case "AND_EXPR":
      if (parts.includes(false)) return false;
      return parts.includes(undefined) ? undefined : true;
    case "OR_EXPR":
      if (parts.includes(true) || isEitherWay(joined.args)) return true;
      return parts.includes(undefined) ? undefined : false;
    default:
      return undefined;
  }
}

const comparisons: Record<string, (order: number) => boolean> = {
  "=": (order) => order === 0,
  "<>": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

/** Two numbers, or the equality of two strings: the order of strings is that of a collation. */
function compare({ name, lexpr, rexpr }: Tree.A_Expr): boolean | undefined {
  const operator = stringsOf(name).join(".");
  const decide = comparisons[operator];
  const [left, right] = [lexpr, rexpr].map((side) => valueOf(as(side, "A_Const")));
  if (!decide || left === undefined || right === undefined) return undefined;
  if (typeof left === "number" && typeof right === "number") return decide(left - right);
  if (typeof left !== typeof right || !["=", "<>"].includes(operator)) return undefined;
  return decide(left === right ? 0 : 1);
}

function valueOf(constant: Tree.A_Const | undefined): number | string | undefined {
  if (!constant || constant.isnull) return undefined;
  if (constant.sval) return constant.sval.sval ?? "";
  // A zero has no `ival` inside. What is too long for one has its digits, and may be more exact than a double.
  if (constant.ival) return constant.ival.ival ?? 0;
  const digits = constant.fval?.fval ?? "";
  return /^-?[\d.]{1,15}$/.test(digits) ? Number(digits) : undefined;
}

function test(kind: Tree.BooleanTest["booltesttype"], value: boolean | undefined) {
  if (value === undefined) return undefined;
  switch (kind) {
    case "IS_TRUE":
    case "IS_NOT_FALSE":
      return value;
    case "IS_FALSE":
    case "IS_NOT_TRUE":
      return !value;
    case "IS_NOT_UNKNOWN":
      return true;
    case "IS_UNKNOWN":
      return false;
    default:
      return undefined;
  }
}

/** `SELECT 1`: a query of nothing, whose single row nothing takes away. A function might, by giving none. */
function isOneRow(node: Node | undefined): boolean {
  const select = as(node, "SelectStmt");
  if (!select || (select.op ?? "SETOP_NONE") !== "SETOP_NONE") return false;
  const { fromClause, groupClause, havingClause, withClause, limitOffset, limitCount } = select;
  const isPlain = !fromClause && !groupClause && !havingClause && !withClause && !limitOffset;
  if (!isPlain || valuesOf(select.targetList, "FuncCall").length > 0) return false;
  const limit = limitCount && valueOf(as(limitCount, "A_Const"));
  if (limitCount && !(typeof limit === "number" && limit > 0)) return false;
  return select.whereClause === undefined || truthOf(select.whereClause) === true;
}
