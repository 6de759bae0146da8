/** A unified diff of two texts, line by line. */

interface Edit {
  readonly sign: " " | "-" | "+";
  readonly line: string;
}

/**
 * The lines of a unified diff from `before` to `after`, without file headers: `@@ -1,3 +1,4 @@`,
 * then lines that begin with a blank, `-` or `+`. Empty when the texts are equal.
 */
export function unifiedDiff(before: string, after: string, context = 3): string[] {
  const edits = diff(linesOf(before), linesOf(after));
  const lines: string[] = [];
  let oldLine = 1;
  let newLine = 1;
  for (let at = 0; at < edits.length;) {
    if (edits[at]?.sign === " ") {
      oldLine += 1;
      newLine += 1;
      at += 1;
      continue;
    }
    const lead = Math.min(context, countSame(edits, at - 1, -1));
    const end = endOfHunk(edits, at, context);
    const hunk = edits.slice(at - lead, end);
    const oldCount = hunk.filter(({ sign }) => sign !== "+").length;
    const newCount = hunk.filter(({ sign }) => sign !== "-").length;
    const oldStart = oldLine - lead - (oldCount === 0 ? 1 : 0);
    const newStart = newLine - lead - (newCount === 0 ? 1 : 0);
    lines.push(`@@ -${oldStart},${oldCount} +${newStart},${newCount} @@`);
    lines.push(...hunk.map(({ sign, line }) => sign + line));
    oldLine += oldCount - lead;
    newLine += newCount - lead;
    at = end;
  }
  return lines;
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Where the hunk that begins with the edit at `start` is over, its trailing context included. */
function endOfHunk(edits: readonly Edit[], start: number, context: number): number {
  let end = start;
  for (;;) {
    while (end < edits.length && edits[end]?.sign !== " ") end += 1;
    const same = countSame(edits, end, 1);
    const isLast = end + same === edits.length;
    // Changes whose contexts touch belong into one hunk.
    if (isLast || same > 2 * context) return end + Math.min(context, same);
    end += same;
  }
}

function countSame(edits: readonly Edit[], from: number, step: 1 | -1): number {
  let count = 0;
  for (let at = from; edits[at]?.sign === " "; at += step) count += 1;
  return count;
}

// Beyond this many changed lines a diff tells nobody anything, and its memory grows with the square.
const maximumEdits = 2000;

/** The removed and added lines, as few as possible (Myers' greedy algorithm). */
function diff(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) {
    start += 1;
  }
  const removed = before.slice(start);
  const added = after.slice(start);
  const same = before.slice(0, start).map((line): Edit => ({ sign: " ", line }));
  return same.concat(shortest(removed, added) ?? replaceAll(removed, added));
}

function replaceAll(before: readonly string[], after: readonly string[]): Edit[] {
  return [
    ...before.map((line): Edit => ({ sign: "-", line })),
    ...after.map((line): Edit => ({ sign: "+", line })),
  ];
}

/** How far into `before` the best path on each diagonal has come; diagonal k is x - y. */
type Front = Map<number, number>;

function shortest(before: readonly string[], after: readonly string[]): Edit[] | undefined {
  const fronts: Front[] = [];
  const limit = Math.min(before.length + after.length, maximumEdits);
  let front: Front = new Map();
  for (let edits = 0; edits <= limit; edits += 1) {
    const previous = front;
    fronts.push(previous);
    front = new Map();
    for (let k = -edits; k <= edits; k += 2) {
      let x = startOf(previous, k, edits);
      while (x < before.length && x - k < after.length && before[x] === after[x - k]) x += 1;
      front.set(k, x);
      if (x >= before.length && x - k >= after.length) return walkBack(before, after, fronts);
    }
  }
  return undefined;
}

/** Where the path enters diagonal k: one step right (a removal) or down (an addition). */
function startOf(previous: Front, k: number, edits: number): number {
  if (edits === 0) return 0;
  return comesByAddition(previous, k, edits)
    ? (previous.get(k + 1) ?? 0)
    : (previous.get(k - 1) ?? 0) + 1;
}

function comesByAddition(previous: Front, k: number, edits: number): boolean {
  if (k === -edits) return true;
  return k !== edits && (previous.get(k - 1) ?? 0) < (previous.get(k + 1) ?? 0);
}

function walkBack(
  before: readonly string[],
  after: readonly string[],
  fronts: readonly Front[],
): Edit[] {
  const edits: Edit[] = [];
  let x = before.length;
  let y = after.length;
  for (let round = fronts.length - 1; round >= 0; round -= 1) {
    const k = x - y;
    const start = startOf(fronts[round] ?? new Map(), k, round);
    while (x > start) {
      edits.push({ sign: " ", line: before[--x] ?? "" });
      y -= 1;
    }
    if (round === 0) break;
    edits.push(
      comesByAddition(fronts[round] ?? new Map(), k, round)
        ? { sign: "+", line: after[--y] ?? "" }
        : { sign: "-", line: before[--x] ?? "" },
    );
  }
  return edits.toReversed();
}
