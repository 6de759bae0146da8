/**
 * Two references to one table of which one is the lesser (`CHECK (a < b)`), or whose order makes no
 * difference (`UNIQUE (least(a, b), greatest(a, b))`): friendships.
 */
import { baseName } from "./base-type.ts";
import type { KeyPlan } from "./keys.ts";
import type { TableRows } from "./rows.ts";

export interface Pairs {
  /** How many there are among so many rows. */
  count(rows: number): number;
  /** Two numbers below `rows`, the first in the lesser column: others for each index below the count. */
  at(index: number): readonly [number, number];
  /** Whether the second column is the lesser one. */
  readonly isTurned: boolean;
}

type Combination = KeyPlan & { readonly kind: "combination" };

/** Undefined for a key that is no such pair, and where a type's order is not known here. */
export function pairsOf(rows: TableRows, plan: Combination): Pairs | undefined {
  const { table, rules, world } = rows;
  const keys = plan.parts.map((part) =>
    table.foreignKeys.find(({ name }) => part.kind === "link" && name === part.foreignKey),
  );
  const [one, other] = keys;
  if (keys.length !== 2 || !one || !other || one.target !== other.target) return undefined;
  if (one.columns.length !== 1 || other.columns.length !== 1) return undefined;
  const [column = ""] = one.columns;
  const [otherColumn = ""] = other.columns;
  const isAfter = (greater: string, lesser: string) =>
    rules.get(greater)?.after?.find((bound) => bound.column === lesser);
  const bound = isAfter(otherColumn, column);
  const turnedBound = isAfter(column, otherColumn);
  const compare = comparerOf(baseName(rows, column));
  const isOrdered = compare !== undefined && (bound ?? turnedBound) !== undefined;
  if (!isOrdered && !plan.isUnordered) return undefined;
  const differ =
    (bound ?? turnedBound)?.isStrict === true ||
    rules.get(column)?.distinctFrom?.includes(otherColumn) === true ||
    rules.get(otherColumn)?.distinctFrom?.includes(column) === true;
  const source = world.source(one.target);
  const value = (parent: number, target: string | undefined) =>
    source?.value(target ?? "", parent) ?? "";
  const [target] = one.targetColumns;
  return {
    count: (all) => (differ ? (all * (all - 1)) / 2 : (all * (all + 1)) / 2),
    at: (index) => {
      const [first, second] = pairAt(index, differ);
      const isGreater = isOrdered
        ? compare(value(first, target), value(second, target)) > 0
        : (first + second) % 2 === 1;
      return isGreater ? [second, first] : [first, second];
    },
    isTurned: bound === undefined && turnedBound !== undefined,
  };
}

/** (0,1), (0,2), (1,2), (0,3) …; with equal ones (0,0), (0,1), (1,1), (0,2) … */
export function pairAt(index: number, differ: boolean): readonly [number, number] {
  let second = Math.floor((1 + Math.sqrt(1 + 8 * index)) / 2);
  // Beyond 2⁵³ the root is not exact.
  while ((second * (second - 1)) / 2 > index) second -= 1;
  while ((second * (second + 1)) / 2 <= index) second += 1;
  const first = index - (second * (second - 1)) / 2;
  return [first, differ ? second : second - 1];
}

/** How the server orders values of the type, by their texts; undefined where collations decide. */
function comparerOf(type: string): ((one: string, other: string) => number) | undefined {
  if (/^(int[248]|oid|numeric|float[48])$/.test(type))
    return (one, other) => Number(one) - Number(other);
  if (/^(uuid|date|timestamp|timestamptz)$/.test(type)) {
    return (one, other) => (one < other ? -1 : one === other ? 0 : 1);
  }
  return undefined;
}
