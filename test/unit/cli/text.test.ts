import { describe, expect, test } from "vitest";
import {
  cutTo,
  padTo,
  visible,
  widthOf,
  wrapProse,
  wrapText,
} from "../../../src/cli/render/text.ts";

const red = (text: string) => `\u001b[31m${text}\u001b[39m`;

test.each([
  ["", 0],
  ["abc", 3],
  [red("abc"), 3],
  ["naïve", 5],
  ["nai\u0308ve", 5],
  ["表", 2],
  ["カタカナ", 8],
  ["🐘", 2],
  ["│", 1],
  ["✓", 1],
])("%j takes %i columns", (text, width) => {
  expect(widthOf(text)).toBe(width);
});

test.each([
  ["\u001b[31mred\u001b[39m", "\\x1b[31mred\\x1b[39m"],
  ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
  ["a\r\nb\tc\nd", "a\nb\tc\nd"],
  ["100 %\rdone", "100 %\\x0ddone"],
  ["\u0000\u007f\u009b2J", "\\x00\\x7f\\x9b2J"],
  ["naïve 表 🐘", "naïve 表 🐘"],
])("%j is shown as %j", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test("padding counts columns", () => {
  expect(padTo("表", 4)).toBe("表  ");
  expect(padTo(red("ab"), 4)).toBe(`${red("ab")}  `);
  expect(padTo("abcd", 2)).toBe("abcd");
});

test("cutting leaves room for the sign", () => {
  expect(cutTo("abcdef", 6)).toBe("abcdef");
  expect(cutTo("abcdefg", 6)).toBe("abcde…");
  expect(cutTo("abc defg", 5)).toBe("abc…");
  expect(cutTo("表表表", 5)).toBe("表表…");
});

describe("wrapText", () => {
  test.each([
    ["fits", 10, ["fits"]],
    ["one two three", 8, ["one two", "three"]],
    ["one\ntwo three", 5, ["one", "two", "three"]],
    ["abcdefghij", 4, ["abcd", "efgh", "ij"]],
    ["environments.production.url", 16, ["environments.", "production.url"]],
    ["x environments.production.url", 16, ["x", "environments.", "production.url"]],
    // A dot near the beginning is no good place: half the line would be empty.
    ["a.bcdefghij", 8, ["a.bcdefg", "hij"]],
  ])("%j in %i columns", (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test("colours take no room, and none is torn apart", () => {
    const lines = wrapText(red("abcdefgh"), 4);
    expect(lines.map(widthOf)).toEqual([4, 4]);
    expect(lines.join("")).toBe(red("abcdefgh"));
  });
});

describe("wrapProse", () => {
  test("indents what follows the first line", () => {
    expect(wrapProse("error: one two three", 12, 2)).toBe("error: one\n  two three");
  });

  test("keeps what is to be copied on one line", () => {
    expect(wrapProse("run `select a, b from c` now", 18, 2)).toBe(
      "run\n  `select a, b from c`\n  now".replace("run\n  ", "run "),
    );
    expect(wrapProse("then say `pgwright up` twice", 20, 0)).toBe("then say\n`pgwright up` twice");
  });

  test("keeps blanks in front, line breaks, and a single backtick", () => {
    expect(wrapProse("  hint: one\ntwo", 80, 8)).toBe("  hint: one\n        two");
    expect(wrapProse("  a b c d", 6, 1)).toBe("  a b\n c d");
    expect(wrapProse("a ` b c", 4, 0)).toBe("a `\nb c");
  });

  test("changes nothing where there is no terminal", () => {
    const text = `${"word ".repeat(100)}  end`;
    expect(wrapProse(text, Infinity, 4)).toBe(text);
  });
});
