/** What a condition comes to whatever row is asked, as in `WHERE true`, `WHERE 2 > 1` and `WHERE id = id`. */
import type { Node, Tree } from "../db/script.ts";
import { isSameTree } from "../db/script.ts";
import { allOf, as, stringsOf, valuesOf } from "../db/tree.ts";
import type { Rows } from "./rows.ts";
import { columnOf, isAmongItself, selectOfAll } from "./rows.ts";

/**
 * What PostgreSQL makes of it, by three-valued logic; undefined for NULL, and wherever one row may differ
 * from another, and where a setting or a function has a say: those are not called. `rows` are those that
 * the columns in it are of; without them nothing is known of any column.
 */
export function truthOf(node: Node, rows?: Rows): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant?.boolval) return constant.boolval.boolval ?? false;
  const comparison = as(node, "A_Expr");
  if (comparison) return compareToItself(comparison, rows) ?? compare(comparison);
  const tested = as(node, "BooleanTest");
  if (tested?.arg) return test(tested.booltesttype, truthOf(tested.arg, rows));
  const asked = as(node, "SubLink");
  if (asked) return answer(asked, rows);
  const cast = as(node, "TypeCast");
  if (cast) return castToBoolean(cast, rows);
  const nothing = as(node, "NullTest");
  if (nothing) return testNull(nothing, rows);
  const choice = as(node, "CoalesceExpr");
  if (choice) {
    const first = choice.args?.find((arg) => isNull(arg) !== true);
    return first && truthOf(first, rows);
  }
  return combine(as(node, "BoolExpr"), rows);
}

/** True for NULL, false for any other constant; undefined for what is none. */
function isNull(node: Node | undefined): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant) return constant.isnull === true;
  const cast = as(node, "TypeCast");
  return cast ? isNull(cast.arg) : undefined;
}

function testNull({ arg, nulltesttype }: Tree.NullTest, rows?: Rows): boolean | undefined {
  const column = rows && columnOf(arg, rows);
  const is = column !== undefined && rows?.isNotNull(column) ? false : isNull(arg);
  return is === undefined ? undefined : is === (nulltesttype === "IS_NULL");
}

/** `true::boolean`, `'t'::bool`: the words that boolin() takes in full. */
function castToBoolean({ arg, typeName }: Tree.TypeCast, rows?: Rows): boolean | undefined {
  const type = stringsOf(typeName?.names).at(-1);
  if (!arg || type !== "bool" || (typeName?.arrayBounds?.length ?? 0) > 0) return undefined;
  const word = as(arg, "A_Const")?.sval?.sval?.trim().toLowerCase();
  if (word === undefined) return truthOf(arg, rows);
  if (["t", "true", "y", "yes", "on", "1"].includes(word)) return true;
  return ["f", "false", "n", "no", "off", "0"].includes(word) ? false : undefined;
}

/** `(SELECT true)` */
function valueOfQuery(query: Node | undefined, rows?: Rows): boolean | undefined {
  const targets = as(query, "SelectStmt")?.targetList;
  const value = targets?.length === 1 ? as(targets[0], "ResTarget")?.val : undefined;
  return value && isOneRow(query, rows) ? truthOf(value, rows) : undefined;
}

/** Questions to a query. Behind `= ANY` stands the operator, behind IN none. */
function answer(asked: Tree.SubLink, rows?: Rows): boolean | undefined {
  const { subLinkType, subselect, operName } = asked;
  switch (subLinkType) {
    case "EXISTS_SUBLINK": {
      const isThere = isOneRow(subselect, rows) || (rows && selectOfAll(subselect, rows));
      return isThere ? true : undefined;
    }
    case "EXPR_SUBLINK":
      return valueOfQuery(subselect, rows);
    case "ANY_SUBLINK": {
      const isIn = operName === undefined || stringsOf(operName).join(".") === "=";
      return isIn && rows && isAmongItself(asked, rows) ? true : undefined;
    }
    default:
      return undefined;
  }
}

/** `x IS NULL OR x IS NOT NULL` of a plain column: of a row in a column, both can be false. */
function isEitherWay(parts: readonly Node[] | undefined): boolean {
  const tests = allOf(parts, "NullTest").filter(({ arg }) => as(arg, "ColumnRef"));
  return tests.some(({ arg, nulltesttype }) =>
    tests.some((other) => other.nulltesttype !== nulltesttype && isSameTree(other.arg, arg)),
  );
}

function combine(joined: Tree.BoolExpr | undefined, rows?: Rows): boolean | undefined {
  const parts = joined?.args?.map((part) => truthOf(part, rows)) ?? [];
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

/** `id = id`, `id >= id`, `id IS NOT DISTINCT FROM id`; of a NULL only the last one is true. */
function compareToItself({ kind, name, lexpr, rexpr }: Tree.A_Expr, rows?: Rows) {
  if (rows === undefined) return undefined;
  const column = columnOf(lexpr, rows);
  if (column === undefined || columnOf(rexpr, rows) !== column) return undefined;
  if (kind === "AEXPR_NOT_DISTINCT") return true;
  if (kind === "AEXPR_DISTINCT") return false;
  const decide = kind === "AEXPR_OP" ? comparisons[stringsOf(name).join(".")] : undefined;
  return rows.isFilled(column) ? decide?.(0) : undefined;
}

/** Two numbers, or the equality of two strings: the order of strings is that of a collation. */
function compare({ kind, name, lexpr, rexpr }: Tree.A_Expr): boolean | undefined {
  if (kind !== "AEXPR_OP") return undefined;
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
function isOneRow(node: Node | undefined, rows?: Rows): boolean {
  const select = as(node, "SelectStmt");
  if (!select || (select.op ?? "SETOP_NONE") !== "SETOP_NONE") return false;
  const { fromClause, groupClause, havingClause, withClause, limitOffset, limitCount } = select;
  const isPlain = !fromClause && !groupClause && !havingClause && !withClause && !limitOffset;
  if (!isPlain || valuesOf(select.targetList, "FuncCall").length > 0) return false;
  const limit = limitCount && valueOf(as(limitCount, "A_Const"));
  if (limitCount && !(typeof limit === "number" && limit > 0)) return false;
  return select.whereClause === undefined || truthOf(select.whereClause, rows) === true;
}
