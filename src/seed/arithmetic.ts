/** Sums, differences and products of a row's columns, as CHECK expressions write them. */
import type { Node } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";
import { columnOf, constantOf, stripCasts } from "./expression.ts";

export interface Arithmetic {
  /** Each once, in the order of the text. */
  readonly columns: readonly string[];
  /** Nothing but different columns, added up. */
  readonly isPlainSum: boolean;
  /** What it comes to; undefined where `read` knows one of the columns not, or as NULL. */
  value(read: (column: string) => number | undefined): number | undefined;
}

/** Undefined for anything but +, −, × of columns and constants. */
export function readArithmetic(node: Node | undefined, now: number): Arithmetic | undefined {
  const column = columnOf(node);
  if (column !== undefined) {
    return { columns: [column], isPlainSum: true, value: (read) => read(column) };
  }
  const constant = constantOf(node, now)?.number;
  if (constant !== undefined) return { columns: [], isPlainSum: false, value: () => constant };
  const expression = as(stripCasts(node), "A_Expr");
  if (expression?.kind !== "AEXPR_OP" || !expression.lexpr) return undefined;
  const operator = stringsOf(expression.name).at(-1) ?? "";
  const work = operations[operator];
  const left = readArithmetic(expression.lexpr, now);
  const right = readArithmetic(expression.rexpr, now);
  if (!work || !left || !right) return undefined;
  const columns = [...new Set([...left.columns, ...right.columns])];
  return {
    columns,
    isPlainSum:
      operator === "+" &&
      left.isPlainSum &&
      right.isPlainSum &&
      columns.length === left.columns.length + right.columns.length,
    value: (read) => {
      const [one, other] = [left.value(read), right.value(read)];
      return one === undefined || other === undefined ? undefined : work(one, other);
    },
  };
}

const operations: Readonly<Record<string, (one: number, other: number) => number>> = {
  "+": (one, other) => one + other,
  "-": (one, other) => one - other,
  "*": (one, other) => one * other,
};
