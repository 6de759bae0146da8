/** Rows per row of a parent table: which parent a row has, and which of its children it is. */
import { type Key, power, unit } from "./hash.ts";
import type { PerParent } from "./request.ts";

export interface Family {
  readonly count: number;
  parent(row: number): number;
  /** From 0: the first child of its parent, the second, … */
  place(row: number): number;
  /** The most children that one parent has. */
  readonly most: number;
  /** What the most would have been without a bound. */
  readonly wanted: number;
}

/**
 * Sums the numbers of children up once; 4 bytes for each parent. Parents not in `only` get none, and
 * none gets more than `bound`, or than the fewest that are asked for if those are more.
 */
export function raiseFamily(
  request: PerParent,
  parents: number,
  key: Key,
  only?: Uint32Array,
  bound = Infinity,
): Family {
  const childrenOf = countChildren(request, key);
  const starts = new Uint32Array(parents + 1);
  const highest = Math.max(bound, request.min);
  let [most, wanted] = [0, 0];
  // Numbers of `only` rise.
  let next = 0;
  for (let parent = 0; parent < parents; parent += 1) {
    const isLeftOut = only !== undefined && only[next] !== parent;
    if (only !== undefined && !isLeftOut) next += 1;
    const asked = isLeftOut ? 0 : childrenOf(parent);
    const children = Math.min(asked, highest);
    wanted = Math.max(wanted, asked);
    most = Math.max(most, children);
    starts[parent + 1] = (starts[parent] as number) + children;
  }
  // Rows are mostly asked for in order, so the last parent is usually right or the one before.
  let last = 0;
  const parent = (row: number): number => {
    const isIn = (one: number) =>
      (starts[one] as number) <= row && row < (starts[one + 1] as number);
    if (last < parents && isIn(last)) return last;
    if (last + 1 < parents && isIn(last + 1)) return (last += 1);
    let [low, high] = [0, parents - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((starts[middle] as number) <= row) low = middle;
      else high = middle - 1;
    }
    return (last = low);
  };
  return {
    count: starts[parents] as number,
    parent,
    place: (row) => row - (starts[parent(row)] as number),
    most,
    wanted,
  };
}

function countChildren(request: PerParent, key: Key): (parent: number) => number {
  const { min, max } = request;
  if (request.kind === "range") {
    return (parent) => min + Math.floor(unit(key, parent) * (max - min + 1));
  }
  const upTo: number[] = [];
  for (let n = min; n <= max; n += 1) {
    upTo.push((upTo.at(-1) ?? 0) + power(n - min + 1, -request.exponent));
  }
  const total = upTo.at(-1) ?? 0;
  return (parent) => {
    const wanted = unit(key, parent) * total;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) > wanted) high = middle;
      else low = middle + 1;
    }
    return min + low;
  };
}
