/** The words of an UPDATE, whose tree cannot be turned back into SQL. */
import type { Token, Tree } from "../db/script.ts";
import { parseScript, scanTokens } from "../db/script.ts";
import { allOf, as, stringsOf } from "../db/tree.ts";

export interface Assignment {
  readonly column: string;
  /** What is written behind the `=`; undefined for a part of a value and for `(a, b) = …`. */
  readonly sql: string | undefined;
  readonly expression: Tree.Node | undefined;
}

export interface UpdateText {
  readonly assignments: readonly Assignment[];
  /** What is written behind FROM and behind WHERE. */
  readonly from: string | undefined;
  readonly where: string | undefined;
}

/** A column of the table that is updated, and the name of that table in the statement. */
export interface Target {
  readonly name: string;
  readonly alias: string;
}

/** What the UPDATE assigns, to which rows; undefined for any other statement and behind a WITH. */
export function readUpdate(text: string): UpdateText | undefined {
  // Parsed once more: the places in a statement's tree are those of the script it stands in.
  const update = as(parseScript(text)[0]?.node, "UpdateStmt");
  if (!update || update.withClause) return undefined;
  const bytes = Buffer.from(text);
  const textOf = (part: readonly Token[]) =>
    part.length === 0 ? undefined : bytes.subarray(part[0]?.start, part.at(-1)?.end).toString();
  const parts = partsOf(scanTokens(text));
  const items = splitAtCommas(parts.get("set") ?? []);
  const assignments: Assignment[] = [];
  const targets = allOf(update.targetList, "ResTarget");
  let next = 0;
  for (const item of items) {
    const target = targets[next];
    const several = as(target?.val, "MultiAssignRef");
    const count = several?.ncolumns ?? 1;
    for (const { name = "", indirection, val } of targets.slice(next, next + count)) {
      const isWhole = !several && (indirection ?? []).length === 0;
      const sign = item.findIndex(({ text: sql }) => sql === "=");
      assignments.push({
        column: name,
        sql: isWhole ? textOf(item.slice(sign + 1)) : undefined,
        expression: isWhole ? val : undefined,
      });
    }
    next += count;
  }
  return {
    assignments,
    from: textOf(parts.get("from") ?? []),
    where: textOf(parts.get("where") ?? []),
  };
}

/**
 * True when the value of the column is in what the expression gives, or that is NULL: the column itself,
 * something joined to it with `||`, and `concat()`. `mayJoin` says whether joining leaves such a value whole.
 */
export function holds(
  node: Tree.Node | undefined,
  column: Target,
  mayJoin: { readonly isText: boolean; readonly isArray: boolean },
): boolean {
  const reference = as(node, "ColumnRef");
  if (reference) {
    const names = stringsOf(reference.fields);
    return names.at(-1) === column.name && (names.at(-2) ?? column.alias) === column.alias;
  }
  const operation = as(node, "A_Expr");
  if (operation && (mayJoin.isText || mayJoin.isArray)) {
    if (stringsOf(operation.name).join(".") !== "||") return false;
    return [operation.lexpr, operation.rexpr].some((side) => holds(side, column, mayJoin));
  }
  const call = as(node, "FuncCall");
  if (!call || !mayJoin.isText) return false;
  const name = stringsOf(call.funcname).at(-1) ?? "";
  const values = call.args?.slice(name === "concat_ws" ? 1 : 0) ?? [];
  return (
    ["concat", "concat_ws"].includes(name) && values.some((one) => holds(one, column, mayJoin))
  );
}

/** The tokens behind SET, FROM, WHERE and RETURNING, as far as they stand in no brackets. */
function partsOf(tokens: readonly Token[]): Map<string, Token[]> {
  const parts = new Map<string, Token[]>();
  let part: Token[] | undefined;
  let depth = 0;
  for (const [i, token] of tokens.entries()) {
    const word = token.text.toLowerCase();
    if (word === "(" || word === "[") depth += 1;
    else if (word === ")" || word === "]") depth -= 1;
    const before = tokens[i - 1]?.text.toLowerCase();
    // The first word behind UPDATE is the table, and IS DISTINCT FROM is an operator.
    const isPart =
      depth === 0 &&
      i > 1 &&
      (parts.has("set") ? /^(?:from|where|returning)$/.test(word) : word === "set") &&
      !(word === "from" && before === "distinct");
    if (isPart) {
      part = [];
      parts.set(word, part);
    } else part?.push(token);
  }
  return parts;
}

function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === "(" || token.text === "[") depth += 1;
    else if (token.text === ")" || token.text === "]") depth -= 1;
    if (token.text === "," && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}
