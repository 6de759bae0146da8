import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diffLines } from "../../../src/schema/line-diff.ts";

/** Applies a unified diff, checking every line number and every context line on the way. */
function patch(before: string, diff: readonly string[]): string {
  const source = before.split("\n").slice(0, -1);
  const result: string[] = [];
  let at = 0;
  for (const line of diff) {
    const header = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@$/.exec(line);
    if (header) {
      const [start, count, newStart, newCount] = header.slice(1).map(Number) as [
        number,
        number,
        number,
        number,
      ];
      const from = count === 0 ? start : start - 1;
      result.push(...source.slice(at, from));
      at = from;
      const to = newCount === 0 ? newStart : newStart - 1;
      if (to !== result.length) throw new Error(`${line} stands at line ${result.length + 1}`);
    } else if (line.startsWith("+")) {
      result.push(line.slice(1));
    } else {
      if (source[at] !== line.slice(1)) throw new Error(`"${line}" is not line ${at + 1}`);
      if (line.startsWith(" ")) result.push(line.slice(1));
      at += 1;
    }
  }
  result.push(...source.slice(at));
  return result.map((line) => `${line}\n`).join("");
}

const text = fc
  .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
  .map((lines) => lines.map((line) => `${line}\n`).join(""));

describe("diffLines", () => {
  test("turns the one text into the other", () => {
    fc.assert(
      fc.property(text, text, fc.nat(4), (before, after, context) => {
        const { lines: diff, removed, added } = diffLines(before, after, context);
        expect(patch(before, diff)).toBe(after);
        expect(diff.length === 0).toBe(before === after);
        expect(added - removed).toBe(after.split("\n").length - before.split("\n").length);
      }),
      { numRuns: 500 },
    );
  });

  test("shows three lines around a change, and near changes together", () => {
    const lines = Array.from({ length: 20 }, (_, i) => String(i + 1));
    const before = `${lines.join("\n")}\n`;
    const after = before
      .replace("\n5\n", "\nfive\n")
      .replace("\n8\n", "\n")
      .replace("\n19\n", "\n19\nx\n");
    const { lines: diff, firstLine } = diffLines(before, after);
    expect(firstLine).toBe(5);
    expect(diff).toEqual([
      "@@ -2,10 +2,9 @@",
      " 2",
      " 3",
      " 4",
      "-5",
      "+five",
      " 6",
      " 7",
      "-8",
      " 9",
      " 10",
      " 11",
      "@@ -17,4 +16,5 @@",
      " 17",
      " 18",
      " 19",
      "+x",
      " 20",
    ]);
  });

  test("gives up looking for the shortest way between large texts that share nothing", () => {
    const many = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word}${i}\n`).join("");
    const { lines: diff } = diffLines(many("a"), many("b"));
    expect(diff).toHaveLength(6001);
    expect(patch(many("a"), diff)).toBe(many("b"));
  });
});
