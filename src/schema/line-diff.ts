/** The difference between two texts, line by line. */
import { OMIT_HEADERS, formatPatch, structuredPatch } from "diff";

export interface LineDiff {
  /**
   * A unified diff without file headers: `@@ -1,3 +1,4 @@`, then lines that begin with a blank, `-`
   * or `+`. Empty when the texts are equal.
   */
  readonly lines: readonly string[];
  /** Lines only the first text has. */
  readonly removed: number;
  /** Lines only the second text has. */
  readonly added: number;
  /** Line of the first text where it first departs, from 1. */
  readonly firstLine: number;
}

// Beyond this many changed lines the shortest difference tells nobody anything more, and finding it
// takes memory that grows with the square.
const maximumEdits = 2000;

/** Compares two texts whose lines end in LF. */
export function diffLines(before: string, after: string, context = 3): LineDiff {
  if (before === after) return { lines: [], removed: 0, added: 0, firstLine: 1 };
  const options = { context, maxEditLength: maximumEdits };
  const patch = structuredPatch("", "", before, after, undefined, undefined, options);
  if (!patch) return replaceAll(linesOf(before), linesOf(after));
  const lines = linesOf(formatPatch(patch, OMIT_HEADERS));
  const [first] = patch.hunks;
  const lead = first?.lines.findIndex((line) => !line.startsWith(" ")) ?? 0;
  return {
    lines,
    removed: lines.filter((line) => line.startsWith("-")).length,
    added: lines.filter((line) => line.startsWith("+")).length,
    firstLine: Math.max(1, (first?.oldStart ?? 1) + lead),
  };
}

function replaceAll(before: readonly string[], after: readonly string[]): LineDiff {
  return {
    lines: [
      `@@ -1,${before.length} +1,${after.length} @@`,
      ...before.map((line) => `-${line}`),
      ...after.map((line) => `+${line}`),
    ],
    removed: before.length,
    added: after.length,
    firstLine: 1,
  };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
