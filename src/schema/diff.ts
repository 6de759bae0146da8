/** The difference between two texts, line by line. */

export interface DiffLine {
  readonly kind: "same" | "removed" | "added";
  readonly text: string;
  /** Line number in the first text, from 1; undefined for an added line. */
  readonly before?: number;
  /** Line number in the second text, from 1; undefined for a removed line. */
  readonly after?: number;
}

/** Pairs of equal lines, as indexes from 0, both ascending. */
type Match = readonly [before: number, after: number];

// Cells of a table of all pairs of lines: 4 MB, and a few milliseconds.
const largestTable = 1_000_000;

/**
 * Compares two texts. Equal lines at both ends and lines that are unique in both texts are matched
 * first (patience diff), what lies between by the longest common subsequence. So a moved table
 * shows as removed and added, never interleaved with another one.
 */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = splitLines(before);
  const b = splitLines(after);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  const upTo = (endOfA: number, endOfB: number): void => {
    for (; i < endOfA; i += 1) lines.push({ kind: "removed", text: a[i] ?? "", before: i + 1 });
    for (; j < endOfB; j += 1) lines.push({ kind: "added", text: b[j] ?? "", after: j + 1 });
  };
  for (const [inA, inB] of matchRange(a, b, [0, a.length], [0, b.length])) {
    upTo(inA, inB);
    lines.push({ kind: "same", text: a[i] ?? "", before: i + 1, after: j + 1 });
    i += 1;
    j += 1;
  }
  upTo(a.length, b.length);
  return lines;
}

/** Counts of lines that only one of the texts has. */
export function countChanges(lines: readonly DiffLine[]): { removed: number; added: number } {
  return {
    removed: lines.filter((line) => line.kind === "removed").length,
    added: lines.filter((line) => line.kind === "added").length,
  };
}

/** One stretch of changes with the lines around it. */
export interface Hunk {
  /** First line in each text, from 1. */
  readonly before: number;
  readonly after: number;
  readonly lines: readonly DiffLine[];
}

/** Groups changes that are at most twice `context` lines apart. */
export function hunksOf(lines: readonly DiffLine[], context = 3): Hunk[] {
  const hunks: Hunk[] = [];
  const changed = lines.flatMap((line, i) => (line.kind === "same" ? [] : [i]));
  for (let k = 0; k < changed.length;) {
    const start = Math.max(0, (changed[k] ?? 0) - context);
    let last = changed[k] ?? 0;
    while (k < changed.length && (changed[k] ?? 0) <= last + 2 * context + 1) {
      last = changed[k] ?? 0;
      k += 1;
    }
    hunks.push({
      before: firstNumber(lines, start, "before"),
      after: firstNumber(lines, start, "after"),
      lines: lines.slice(start, last + context + 1),
    });
  }
  return hunks;
}

/** The line number a hunk begins at; one past the end for a text that has no further line. */
function firstNumber(lines: readonly DiffLine[], start: number, side: "before" | "after"): number {
  for (const line of lines.slice(start)) {
    const number = line[side];
    if (number !== undefined) return number;
  }
  return 1 + lines.filter((line) => line[side] !== undefined).length;
}

function splitLines(text: string): string[] {
  const lines = text.split("\n");
  // A final newline ends the last line, it does not begin another.
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

type Range = readonly [start: number, end: number];

function matchRange(a: readonly string[], b: readonly string[], inA: Range, inB: Range): Match[] {
  let [startA, endA] = inA;
  let [startB, endB] = inB;
  const head: Match[] = [];
  const tail: Match[] = [];
  while (startA < endA && startB < endB && a[startA] === b[startB]) {
    head.push([startA, startB]);
    startA += 1;
    startB += 1;
  }
  while (startA < endA && startB < endB && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
    tail.push([endA, endB]);
  }
  const middle: Match[] = [];
  if (startA < endA && startB < endB) {
    const anchors = anchorsOf(a, b, [startA, endA], [startB, endB]);
    if (anchors.length === 0) {
      middle.push(...longestCommon(a, b, [startA, endA], [startB, endB]));
    } else {
      let [fromA, fromB] = [startA, startB];
      for (const [anchorA, anchorB] of anchors) {
        middle.push(...matchRange(a, b, [fromA, anchorA], [fromB, anchorB]), [anchorA, anchorB]);
        [fromA, fromB] = [anchorA + 1, anchorB + 1];
      }
      middle.push(...matchRange(a, b, [fromA, endA], [fromB, endB]));
    }
  }
  return [...head, ...middle, ...tail.toReversed()];
}

/** Lines that occur once in each range and stand in the same order in both. */
function anchorsOf(a: readonly string[], b: readonly string[], inA: Range, inB: Range): Match[] {
  const places = new Map<string, { a: number[]; b: number[] }>();
  const note = (text: string, side: "a" | "b", at: number): void => {
    const place = places.get(text) ?? { a: [], b: [] };
    place[side].push(at);
    places.set(text, place);
  };
  for (let i = inA[0]; i < inA[1]; i += 1) note(a[i] ?? "", "a", i);
  for (let j = inB[0]; j < inB[1]; j += 1) note(b[j] ?? "", "b", j);
  const unique: Match[] = [];
  for (const place of places.values()) {
    if (place.a.length === 1 && place.b.length === 1) {
      unique.push([place.a[0] ?? 0, place.b[0] ?? 0]);
    }
  }
  unique.sort((left, right) => left[0] - right[0]);
  return longestAscending(unique);
}

/** The longest run of matches whose second index ascends too (patience sorting). */
function longestAscending(matches: readonly Match[]): Match[] {
  const tops: number[] = [];
  const previous: number[] = [];
  matches.forEach(([, at], k) => {
    let low = 0;
    let high = tops.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((matches[tops[middle] ?? 0]?.[1] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    previous[k] = low > 0 ? (tops[low - 1] ?? -1) : -1;
    tops[low] = k;
  });
  const found: Match[] = [];
  for (let k = tops.at(-1) ?? -1; k >= 0; k = previous[k] ?? -1) {
    const match = matches[k];
    if (match) found.push(match);
  }
  return found.toReversed();
}

/** Longest common subsequence of two ranges; none for ranges too large to compare line by line. */
function longestCommon(
  a: readonly string[],
  b: readonly string[],
  inA: Range,
  inB: Range,
): Match[] {
  const rows = inA[1] - inA[0];
  const columns = inB[1] - inB[0];
  if (rows * columns > largestTable) return [];
  const width = columns + 1;
  const length = new Uint32Array((rows + 1) * width);
  const at = (i: number, j: number): number => length[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      length[i * width + j] =
        a[inA[0] + i] === b[inB[0] + j]
          ? at(i + 1, j + 1) + 1
          : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const matches: Match[] = [];
  for (let i = 0, j = 0; i < rows && j < columns;) {
    if (a[inA[0] + i] === b[inB[0] + j]) {
      matches.push([inA[0] + i, inB[0] + j]);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return matches;
}
