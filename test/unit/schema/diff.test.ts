import { array, assert, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { countChanges, diffLines, hunksOf, type DiffLine } from "../../../src/schema/diff.ts";

function compact(before: string, after: string): string {
  const signs = { same: " ", removed: "-", added: "+" };
  return diffLines(before, after)
    .map(({ kind, text }) => signs[kind] + text)
    .join("\n");
}

const lines = array(constantFrom("a", "b", "c", "", "create table", ");"), { maxLength: 30 });

test("the lines of a difference make up both texts again, with their numbers", () => {
  assert(
    property(lines, lines, (a, b) => {
      const text = (list: string[]) => list.map((line) => `${line}\n`).join("");
      const diff = diffLines(text(a), text(b));
      const side = (other: DiffLine["kind"]) => diff.filter(({ kind }) => kind !== other);
      expect(side("added").map((line) => line.text)).toEqual(a);
      expect(side("removed").map((line) => line.text)).toEqual(b);
      expect(side("added").map(({ before }) => before)).toEqual(side("added").map((_, i) => i + 1));
      expect(side("removed").map(({ after }) => after)).toEqual(
        side("removed").map((_, i) => i + 1),
      );
    }),
  );
});

test("what is equal is not touched", () => {
  assert(
    property(lines, (a) => {
      expect(countChanges(diffLines(a.join("\n"), a.join("\n")))).toEqual({ removed: 0, added: 0 });
    }),
  );
  expect(diffLines("", "")).toEqual([]);
  expect(compact("a\n", "a")).toBe(" a");
});

test("a table that was inserted between two like it shows as one piece", () => {
  const table = (name: string) => `create table ${name} (\n    id integer\n);\n\n`;
  expect(compact(table("a") + table("c"), table("a") + table("b") + table("c"))).toBe(
    [
      " create table a (",
      "     id integer",
      " );",
      " ",
      "+create table b (",
      "+    id integer",
      "+);",
      "+",
      " create table c (",
      "     id integer",
      " );",
      " ",
    ].join("\n"),
  );
});

test("the fewest changes where no line is unique", () => {
  expect(compact("x\ny\nx\ny\nx", "x\nx\ny\nx")).toBe(" x\n-y\n x\n y\n x");
  expect(compact("a\na\nb", "b\nb\na")).toBe("-a\n-a\n b\n+b\n+a");
});

test("changes near each other share a hunk, others do not", () => {
  const before = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`);
  const after = before.with(4, "five").with(10, "eleven").with(30, "thirty-one");
  const hunks = hunksOf(diffLines(before.join("\n"), after.join("\n")), 3);
  expect(hunks.map(({ before: b, after: a, lines: l }) => [b, a, l.length])).toEqual([
    [2, 2, 15],
    [28, 28, 8],
  ]);
  expect(hunksOf(diffLines("a", "a"))).toEqual([]);
  expect(hunksOf(diffLines("", "a\nb"))).toMatchObject([{ before: 1, after: 1 }]);
});

test("texts of 20,000 lines with nothing in common are compared in a moment", () => {
  const text = (word: string) => Array.from({ length: 20_000 }, () => word).join("\n");
  expect(countChanges(diffLines(text("a"), text("b")))).toEqual({ removed: 20_000, added: 20_000 });
});
