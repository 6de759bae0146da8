/** The conditions of a plan's nodes, as terms that are tied by AND. */
import { type Node, parseScript, ScriptError, type Tree } from "../db/script.ts";
import { as, stringsOf, valuesOf } from "../db/tree.ts";
import type { PlanNode } from "./plan-tree.ts";

export type TermKind = "equal" | "range" | "like" | "other";

/** `column = value` and the like. */
export interface Term {
  readonly kind: TermKind;
  readonly alias: string | null;
  readonly column: string;
  /** The name of the function or type around the column: "lower", "date"; null where it is bare. */
  readonly around: string | null;
  /** It is compared with a column of another table. */
  readonly joins: boolean;
}

const conditionsOfRows = ["Filter", "Index Cond", "Recheck Cond"] as const;

/** Terms of the named conditions of a node; those that find rows by default. */
export function termsOf(
  node: PlanNode,
  titles: readonly string[] = conditionsOfRows,
): readonly Term[] {
  return titles.flatMap((title) => {
    const text = node.conditions[title];
    return text === undefined ? [] : parseTerms(text);
  });
}

/** The columns a condition names anywhere, in whatever form. */
export function columnsIn(text: string): { alias: string | null; column: string }[] {
  const root = parseCondition(text);
  return (valuesOf(root, "ColumnRef") as Tree.ColumnRef[]).map(columnOf);
}

/** Nothing of what cannot be read: a condition that EXPLAIN writes in no SQL. */
export function parseTerms(text: string): Term[] {
  const root = parseCondition(text);
  return root === undefined ? [] : conjuncts(root).flatMap(toTerm);
}

/** What EXPLAIN says of subplans is no SQL: `(InitPlan 1).col1`, `(hashed SubPlan 2)`. */
export function parseCondition(text: string): Node | undefined {
  const sql = text
    .replaceAll(/\((?:InitPlan|SubPlan) \d+\)\.col\d+/g, "$9999")
    .replaceAll(
      /\(?(?:alternatives: )?(?:hashed )?SubPlan \d+(?: or hashed SubPlan \d+)?\)?(?:\.col\d+)?/g,
      "($9999)",
    )
    .replaceAll("EXISTS($9999)", "($9999)")
    .replaceAll("EXISTS(($9999))", "($9999)");
  try {
    const [statement] = parseScript(`SELECT ${sql}`);
    return as(as(statement?.node, "SelectStmt")?.targetList?.[0], "ResTarget")?.val;
  } catch (error) {
    if (error instanceof ScriptError) return undefined;
    throw error;
  }
}

function conjuncts(node: Node): Node[] {
  const both = as(node, "BoolExpr");
  return both?.boolop === "AND_EXPR" ? (both.args ?? []).flatMap(conjuncts) : [node];
}

function toTerm(node: Node): Term[] {
  const comparison = as(node, "A_Expr");
  if (comparison === undefined) {
    // A boolean column stands alone: `(w.is_public AND …)`.
    const bare = columnUnder(node);
    const negated = as(node, "BoolExpr");
    const column =
      bare ?? columnUnder(negated?.boolop === "NOT_EXPR" ? negated.args?.[0] : undefined);
    return column === undefined ? [] : [{ kind: "other", joins: false, ...column }];
  }
  const left = columnUnder(comparison.lexpr);
  const right = columnUnder(comparison.rexpr);
  const kind = kindOf(comparison);
  const terms: Term[] = [];
  if (left) terms.push({ ...left, kind, joins: right !== undefined });
  if (right) terms.push({ ...right, kind, joins: left !== undefined });
  return terms;
}

function kindOf({ name, kind }: Tree.A_Expr): TermKind {
  const [operator] = stringsOf(name).slice(-1);
  if (operator === "=") return kind === "AEXPR_OP" || kind === "AEXPR_OP_ANY" ? "equal" : "other";
  if (["<", "<=", ">", ">="].includes(operator ?? "")) return "range";
  return ["~~", "~~*", "~", "~*"].includes(operator ?? "") ? "like" : "other";
}

/** A column, bare or inside one function or cast. */
function columnUnder(
  node: Node | undefined,
): Pick<Term, "alias" | "column" | "around"> | undefined {
  const reference = as(node, "ColumnRef");
  if (reference) return { ...columnOf(reference), around: null };
  const cast = as(node, "TypeCast");
  if (cast) {
    const inner = columnUnder(cast.arg);
    const type = stringsOf(cast.typeName?.names).at(-1) ?? "";
    // varchar is compared as text, which changes nothing.
    const isRelabel = ["text", "varchar", "bpchar", "oid"].includes(type);
    return inner && { ...inner, around: inner.around ?? (isRelabel ? null : type) };
  }
  const call = as(node, "FuncCall");
  if (call) {
    const columns = (call.args ?? []).map(columnUnder).filter((one) => one !== undefined);
    const name = stringsOf(call.funcname).at(-1) ?? "";
    return columns.length === 1 && columns[0] ? { ...columns[0], around: name } : undefined;
  }
  return undefined;
}

function columnOf({ fields }: Tree.ColumnRef): { alias: string | null; column: string } {
  const names = stringsOf(fields);
  return { alias: names.at(-2) ?? null, column: names.at(-1) ?? "" };
}
