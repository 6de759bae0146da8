/**
 * Reads CHECK expressions for what they ask of single columns. What is not understood is no harm:
 * the server judges candidate rows by every expression before any is kept.
 */
import type { Node } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";
import { readArithmetic } from "./arithmetic.ts";
import {
  columnOf,
  type Constant,
  constantOf,
  listOf,
  parseExpression,
  stripCasts,
} from "./expression.ts";
import { meet, type Rule } from "./rule.ts";

export type Rules = Map<string, Rule>;

/** What the expressions ask, by column; in a domain's check the column is called `value`. */
export function readChecks(expressions: readonly string[], now: number): Rules {
  const rules: Rules = new Map();
  for (const expression of expressions) {
    const node = parseExpression(expression);
    if (node) readCondition(node, rules, now);
  }
  return rules;
}

function add(rules: Rules, column: string, rule: Rule): void {
  rules.set(column, meet(rules.get(column) ?? {}, rule));
}

function readCondition(node: Node, rules: Rules, now: number): void {
  const bool = as(node, "BoolExpr");
  if (bool) {
    const parts = bool.args ?? [];
    if (bool.boolop === "AND_EXPR") for (const part of parts) readCondition(part, rules, now);
    // One branch that is kept is enough; `x IS NULL OR …` means the other.
    if (bool.boolop === "OR_EXPR") {
      const branch = parts.find((part) => as(part, "NullTest")?.nulltesttype !== "IS_NULL");
      if (branch) readCondition(branch, rules, now);
    }
    return;
  }
  const test = as(node, "NullTest");
  if (test) {
    const column = columnOf(test.arg);
    if (column === undefined) return;
    add(rules, column, test.nulltesttype === "IS_NULL" ? { isNull: true } : { isNotNull: true });
    return;
  }
  const column = columnOf(node);
  if (column !== undefined) add(rules, column, { values: ["t"] });
  const expression = as(node, "A_Expr");
  if (expression) readComparison(expression, rules, now);
}

type Comparison = NonNullable<ReturnType<typeof as<"A_Expr">>>;

const turned: Record<string, string> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function readComparison(expression: Comparison, rules: Rules, now: number): void {
  const operator = stringsOf(expression.name).at(-1) ?? "";
  const { lexpr: left, rexpr: right, kind } = expression;
  if (kind === "AEXPR_OP_ANY" || kind === "AEXPR_IN") {
    const column = columnOf(left);
    const values = listOf(right);
    if (column !== undefined && values && operator === "=") add(rules, column, { values });
    return;
  }
  if (kind === "AEXPR_OP_ALL") {
    const column = columnOf(left);
    const values = listOf(right);
    if (column !== undefined && values && operator === "<>") add(rules, column, { not: values });
    return;
  }
  const one = columnOf(left);
  const other = columnOf(right);
  if (operator === "=" && readEquation(left, right, rules, now)) return;
  if (one !== undefined && other !== undefined) {
    readPair(one, operator, other, rules);
    return;
  }
  const self = one === undefined ? undefined : measureOf(right);
  if (
    self &&
    self.column === one &&
    operator === "=" &&
    (self.by === "lower" || self.by === "upper")
  ) {
    add(rules, one, { letterCase: self.by });
    return;
  }
  const turnedSelf = other === undefined ? undefined : measureOf(left);
  if (
    turnedSelf &&
    turnedSelf.column === other &&
    operator === "=" &&
    (turnedSelf.by === "lower" || turnedSelf.by === "upper")
  ) {
    add(rules, other, { letterCase: turnedSelf.by });
    return;
  }
  const measured = measureOf(left);
  const constant = constantOf(right, now);
  if (measured && constant !== undefined) {
    readConstant(measured, operator, constant, rules);
    return;
  }
  const turnedMeasure = measureOf(right);
  const turnedConstant = constantOf(left, now);
  if (turnedMeasure && turnedConstant !== undefined) {
    readConstant(turnedMeasure, turned[operator] ?? operator, turnedConstant, rules);
  }
}

/** `gross = net + tax` says what one column is; `a + b + c = 100` says it of the last one. */
function readEquation(
  left: Node | undefined,
  right: Node | undefined,
  rules: Rules,
  now: number,
): boolean {
  for (const [side, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const sum = readArithmetic(other, now);
    if (!sum || sum.columns.length === 0 || as(stripCasts(other), "ColumnRef")) continue;
    const column = columnOf(side);
    if (column !== undefined && !sum.columns.includes(column)) {
      add(rules, column, { computed: sum });
      return true;
    }
    const total = constantOf(side, now)?.number;
    const last = sum.columns.at(-1);
    if (total === undefined || last === undefined || !sum.isPlainSum) continue;
    const others = sum.columns.slice(0, -1);
    for (const one of others) add(rules, one, { min: 0, max: total / sum.columns.length });
    add(rules, last, {
      computed: {
        columns: others,
        isPlainSum: false,
        value: (read) => {
          const values = others.map(read);
          return values.includes(undefined)
            ? undefined
            : values.reduce<number>((rest, value) => rest - (value ?? 0), total);
        },
      },
    });
    return true;
  }
  return false;
}

function readPair(one: string, operator: string, other: string, rules: Rules): void {
  if (operator === "<>") {
    add(rules, one, { distinctFrom: [other] });
    add(rules, other, { distinctFrom: [one] });
  }
  const isStrict = operator === "<" || operator === ">";
  if (operator.startsWith("<") && operator !== "<>") {
    add(rules, other, { after: [{ column: one, isStrict }] });
  }
  if (operator.startsWith(">")) add(rules, one, { after: [{ column: other, isStrict }] });
}

interface Measure {
  readonly column: string;
  readonly by: "value" | "length" | "json" | "lower" | "upper" | "trimmed";
}

const measures: Record<string, Measure["by"]> = {
  length: "length",
  char_length: "length",
  octet_length: "length",
  jsonb_typeof: "json",
  json_typeof: "json",
  lower: "lower",
  upper: "upper",
  btrim: "trimmed",
};

function measureOf(node: Node | undefined): Measure | undefined {
  const column = columnOf(node);
  if (column !== undefined) return { column, by: "value" };
  const call = as(stripCasts(node), "FuncCall");
  const by = call ? measures[stringsOf(call.funcname).at(-1) ?? ""] : undefined;
  if (by === undefined) return undefined;
  const inner = measureOf(call?.args?.[0]);
  if (inner === undefined) return undefined;
  return { column: inner.column, by };
}

function readConstant(measure: Measure, operator: string, value: Constant, rules: Rules): void {
  const { column, by } = measure;
  const bound = boundOf(operator, value.number);
  if (by === "length") {
    if (bound?.min !== undefined) {
      add(rules, column, { minLength: bound.min + (bound.isMinExclusive ? 1 : 0) });
    }
    if (bound?.max !== undefined) {
      add(rules, column, { maxLength: bound.max - (bound.isMaxExclusive ? 1 : 0) });
    }
    return;
  }
  if (by === "json") {
    if (operator === "=") add(rules, column, { jsonType: value.text });
    return;
  }
  if (operator === "<>") {
    add(rules, column, value.text === "" ? { minLength: 1 } : { not: [value.text] });
    return;
  }
  if (by !== "value") return;
  if (operator === "=") add(rules, column, { values: [value.text] });
  if (operator === "~" || operator === "~*") add(rules, column, { pattern: value.text });
  if (operator === "~~") add(rules, column, { pattern: likeToPattern(value.text) });
  if (bound && operator !== "=") add(rules, column, bound);
}

function boundOf(operator: string, number: number | undefined): Rule | undefined {
  if (number === undefined) return undefined;
  if (operator === "=") return { min: number, max: number };
  if (operator === ">" || operator === ">=") {
    return { min: number, isMinExclusive: operator === ">" };
  }
  if (operator === "<" || operator === "<=") {
    return { max: number, isMaxExclusive: operator === "<" };
  }
  return undefined;
}

function likeToPattern(like: string): string {
  const escaped = like.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return `^${escaped.replaceAll("%", "[a-z]{2,6}").replaceAll("_", "[a-z]")}$`;
}
