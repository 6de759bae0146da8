/** The WHERE of a partial unique index, as far as it can be decided for a row before the row is written. */
import { as, stringsOf } from "../db/tree.ts";
import type { Node } from "../db/script.ts";
import { columnOf, constantOf, listOf, parseExpression } from "./expression.ts";

/** A row's values as they are written; null is NULL. */
export type ReadValue = (column: string) => string | null;

export interface Predicate {
  readonly columns: readonly string[];
  /** True where the row competes with others; NULL is not true. */
  holds(read: ReadValue): boolean;
}

/** What values of a column can be compared as: those of other types only with NULL. */
export type Comparable = "text" | "number" | "boolean";

type Truth = boolean | null;
type Test = (read: ReadValue) => Truth;

/** Undefined for an expression that only the server can decide. */
export function readPredicate(
  expression: string,
  comparableAs: (column: string) => Comparable | undefined,
): Predicate | undefined {
  const columns = new Set<string>();
  const node = parseExpression(expression);
  const test =
    node &&
    readTest(node, (column) => {
      columns.add(column);
      return comparableAs(column);
    });
  return test && { columns: [...columns], holds: (read) => test(read) === true };
}

type Kind = (column: string) => Comparable | undefined;

function readTest(node: Node, kindOf: Kind): Test | undefined {
  const bool = as(node, "BoolExpr");
  if (bool) {
    const tests = (bool.args ?? []).map((part) => readTest(part, kindOf));
    const known = tests.filter((test) => test !== undefined);
    if (known.length < tests.length) return undefined;
    const [first] = known;
    if (bool.boolop === "NOT_EXPR") return first && ((read) => negate(first(read)));
    // One value ends it; without that, NULL is stronger than the other.
    const decisive = bool.boolop === "OR_EXPR";
    return (read) => {
      const truths = known.map((test) => test(read));
      if (truths.includes(decisive)) return decisive;
      return truths.includes(null) ? null : !decisive;
    };
  }
  const test = as(node, "NullTest");
  if (test) {
    const column = columnOf(test.arg);
    if (column === undefined) return undefined;
    kindOf(column);
    const isNull = test.nulltesttype === "IS_NULL";
    return (read) => (read(column) === null) === isNull;
  }
  const truth = as(node, "BooleanTest");
  if (truth) {
    const column = columnOf(truth.arg);
    if (column === undefined || kindOf(column) !== "boolean") return undefined;
    const [, not, wanted] = /^IS_(NOT_)?(TRUE|FALSE)$/.exec(truth.booltesttype ?? "") ?? [];
    if (wanted === undefined) return undefined;
    const text = wanted === "TRUE" ? "t" : "f";
    return (read) => (read(column) === text) === (not === undefined);
  }
  const column = columnOf(node);
  if (column !== undefined) {
    return kindOf(column) === "boolean" ? compareWith(column, (text) => text === "t") : undefined;
  }
  return readComparison(node, kindOf);
}

function readComparison(node: Node, kindOf: Kind): Test | undefined {
  const expression = as(node, "A_Expr");
  const column = columnOf(expression?.lexpr);
  if (!expression || column === undefined) return undefined;
  const kind = kindOf(column);
  const operator = stringsOf(expression.name).at(-1) ?? "";
  if (kind === undefined) return undefined;
  const equals = (constant: string) =>
    kind === "number"
      ? (text: string) => Number(text) === Number(constant)
      : (text: string) => text === constant;
  if (expression.kind === "AEXPR_OP_ANY" || expression.kind === "AEXPR_IN") {
    const list = listOf(expression.rexpr)?.map(equals);
    return list && operator === "="
      ? compareWith(column, (text) => list.some((one) => one(text)))
      : undefined;
  }
  if (expression.kind === "AEXPR_OP_ALL") {
    const list = listOf(expression.rexpr)?.map(equals);
    return list && operator === "<>"
      ? compareWith(column, (text) => !list.some((one) => one(text)))
      : undefined;
  }
  const constant = constantOf(expression.rexpr, Number.NaN);
  if (expression.kind !== "AEXPR_OP" || !constant || Number.isNaN(constant.number))
    return undefined;
  if (operator === "=") return compareWith(column, equals(constant.text));
  const isEqual = equals(constant.text);
  if (operator === "<>") return compareWith(column, (text) => !isEqual(text));
  const order = orders[operator];
  const { number } = constant;
  // Texts are ordered by a collation, which only the server has.
  if (kind !== "number" || order === undefined || number === undefined) return undefined;
  return compareWith(column, (text) => order(Number(text), number));
}

const orders: Record<string, (one: number, other: number) => boolean> = {
  "<": (one, other) => one < other,
  "<=": (one, other) => one <= other,
  ">": (one, other) => one > other,
  ">=": (one, other) => one >= other,
};

function compareWith(column: string, holds: (text: string) => boolean): Test {
  return (read) => {
    const text = read(column);
    return text === null ? null : holds(text);
  };
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}
