/** Columns, constants and lists in expressions, as the parser reads them. */
import { parseScript, ScriptError, type Node } from "../db/script.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";

/** The columns that an expression names. */
export function columnsIn(expression: string): string[] {
  const node = parseExpression(expression);
  const names = findNodes(node, "ColumnRef").map(({ fields }) => stringsOf(fields).at(-1));
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** The expression as the parser reads it; undefined for syntax of a newer server than the parser's. */
export function parseExpression(text: string): Node | undefined {
  try {
    const [statement] = parseScript(`SELECT ${text}`);
    const select = as(statement?.node, "SelectStmt");
    return allOf(select?.targetList, "ResTarget")[0]?.val;
  } catch (error) {
    // Syntax of a newer server than the parser's: the server still judges it.
    if (error instanceof ScriptError) return undefined;
    throw error;
  }
}

export interface Constant {
  readonly text: string;
  readonly number: number | undefined;
}

export function stripCasts(node: Node | undefined): Node | undefined {
  let inner = node;
  for (let cast = as(inner, "TypeCast"); cast; cast = as(inner, "TypeCast")) inner = cast.arg;
  for (let cast = as(inner, "CollateClause"); cast; cast = as(inner, "CollateClause")) {
    inner = cast.arg;
  }
  return inner;
}

export function columnOf(node: Node | undefined): string | undefined {
  return stringsOf(as(stripCasts(node), "ColumnRef")?.fields).at(-1);
}

/** A literal, with or without a cast, a negative number, or this moment. */
export function constantOf(node: Node | undefined, now: number): Constant | undefined {
  const inner = stripCasts(node);
  const negated = as(inner, "A_Expr");
  if (negated && !negated.lexpr && stringsOf(negated.name)[0] === "-") {
    const positive = constantOf(negated.rexpr, now);
    if (positive?.number === undefined) return undefined;
    return { text: `-${positive.text}`, number: -positive.number };
  }
  const call = as(inner, "FuncCall");
  const isNow =
    as(inner, "SQLValueFunction") ??
    (call && ["now", "transaction_timestamp"].includes(stringsOf(call.funcname).at(-1) ?? ""));
  if (isNow) return { text: "", number: now };
  const constant = as(inner, "A_Const");
  if (!constant || constant.isnull) return undefined;
  const text =
    constant.sval?.sval ??
    constant.fval?.fval ??
    (constant.ival ? String(constant.ival.ival ?? 0) : undefined) ??
    (constant.boolval ? (constant.boolval.boolval ? "t" : "f") : undefined) ??
    (constant.sval ? "" : undefined);
  if (text === undefined) return undefined;
  return { text, number: numberOf(text) };
}

function numberOf(text: string): number | undefined {
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const iso = text.replace(" ", "T").replace(/(T.*[+-]\d\d)$/, "$1:00");
  const time = Date.parse(
    /T.*([+-]\d\d:\d\d|Z)$/.test(iso) || !iso.includes("T") ? iso : `${iso}Z`,
  );
  return Number.isNaN(time) ? undefined : time / 1000;
}

export function listOf(node: Node | undefined): string[] | undefined {
  const inner = stripCasts(node);
  const members = as(inner, "A_ArrayExpr")?.elements ?? as(inner, "List")?.items;
  if (!members) {
    const text = as(inner, "A_Const")?.sval?.sval;
    return text !== undefined && /^\{[^"{}\\]*\}$/.test(text)
      ? text.slice(1, -1).split(",")
      : undefined;
  }
  const values = members.map((member) => constantOf(member, 0)?.text);
  return values.every((value) => value !== undefined) ? values : undefined;
}
