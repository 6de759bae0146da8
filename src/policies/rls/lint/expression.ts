/** A policy's expression as a tree, with the place of each call in its text. */
import { parseScript, scanTokens, type Node, type Tree } from "../../../db/script.ts";
import { as, stringsOf, valuesOf } from "../../../db/tree.ts";

export interface Expression {
  /** As pg_get_expr() gives it. */
  readonly text: string;
  readonly node: Node;
}

const before = "SELECT ";

/** Parses what pg_get_expr() gave; `loadParser()` must have finished. */
export function parseExpression(text: string): Expression {
  const [statement] = parseScript(before + text);
  const target = as(as(statement?.node, "SelectStmt")?.targetList?.[0], "ResTarget");
  if (target?.val === undefined) throw new TypeError(`not an expression: ${text}`);
  return { text, node: target.val };
}

export interface Call {
  /** Schema and name as written; the schema is null for a bare name. */
  readonly schema: string | null;
  readonly name: string;
  readonly node: Tree.FuncCall;
}

export function callOf(node: Node | undefined): Call | undefined {
  const call = as(node, "FuncCall");
  if (call === undefined) return undefined;
  const parts = stringsOf(call.funcname);
  return {
    schema: parts.length > 1 ? (parts.at(-2) ?? null) : null,
    name: parts.at(-1) ?? "",
    node: call,
  };
}

export function hasColumn(root: unknown): boolean {
  return valuesOf(root, "ColumnRef").length > 0;
}

/** It reads who asks: a call that takes no column, or current_user and the like. */
export function readsIdentity(root: unknown): boolean {
  return (
    valuesOf(root, "SQLValueFunction").length > 0 ||
    valuesOf(root, "FuncCall").some((call) => !hasColumn(call))
  );
}

export function isConstant(node: Node | undefined, value: boolean): boolean {
  const constant = as(node, "A_Const");
  return constant?.boolval !== undefined && (constant.boolval.boolval ?? false) === value;
}

/**
 * Calls that are run for every row: those outside of a subselect without columns, which the planner
 * runs once. Calls that take a column need the row and are left out; so are subselects that do not
 * look at the outer row (`table`), which are run once as well.
 */
export function callsPerRow(root: Node, table: string): Call[] {
  const found: Call[] = [];
  visit(root, (node) => {
    const link = as(node, "SubLink");
    if (link !== undefined) return isCorrelated(link, table) ? "inside" : "skip";
    const call = callOf(node);
    if (call === undefined || hasColumn(call.node.args)) return "inside";
    found.push(call);
    return "skip";
  });
  return found;
}

/** pg_get_expr() qualifies outer columns inside a subselect with the table's name. */
function isCorrelated(link: Tree.SubLink, table: string): boolean {
  return (valuesOf(link.subselect, "ColumnRef") as Tree.ColumnRef[]).some(
    ({ fields }) => (fields?.length ?? 0) > 1 && stringsOf(fields).at(-2) === table,
  );
}

/** Goes through the nodes from the outside; `skip` leaves out what is inside one. */
export function visit(value: unknown, look: (node: Node) => "inside" | "skip"): void {
  if (Array.isArray(value)) {
    for (const member of value) visit(member, look);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      // A node is an object with one key that begins with a capital: the name of its kind.
      const isNode = /^[A-Z]/.test(key);
      if (isNode && look({ [key]: member } as unknown as Node) === "skip") continue;
      visit(member, look);
    }
  }
}

/** The text with each of these calls replaced by what `rewrite` makes of its own text. */
export function replaceCalls(
  { text }: Expression,
  calls: readonly Call[],
  rewrite: (written: string, call: Call) => string,
): string {
  const source = Buffer.from(before + text);
  const tokens = scanTokens(before + text);
  let result = source;
  // From the end, so that the places before stay right.
  for (const call of calls.toSorted(
    (one, other) => (other.node.location ?? 0) - (one.node.location ?? 0),
  )) {
    const start = call.node.location ?? 0;
    const open = tokens.findIndex(({ text: token, start: at }) => at >= start && token === "(");
    let depth = 0;
    const close = tokens.find(({ text: token }, i) => {
      if (i < open) return false;
      if (token === "(") depth += 1;
      if (token === ")") depth -= 1;
      return depth === 0;
    });
    if (open < 0 || close === undefined) continue;
    const written = source.subarray(start, close.end).toString();
    result = Buffer.concat([
      result.subarray(0, start),
      Buffer.from(rewrite(written, call)),
      result.subarray(close.end),
    ]);
  }
  return result.toString().slice(before.length);
}
