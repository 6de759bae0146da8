import { describe, expect, test } from "vitest";
import { plainStyle } from "../../../src/cli/render/style.ts";
import { renderTable } from "../../../src/cli/render/table.ts";
import { widthOf } from "../../../src/cli/render/text.ts";
import { createView } from "../../../src/cli/render/view.ts";

const columns = [
  { title: "version" },
  { title: "rows", align: "right" as const },
  { title: "description" },
];
const rows = [
  ["001", "5", "create users"],
  ["002", "12000", "add the full text search of posts and comments"],
];
const table = (width: number) => renderTable(plainStyle, columns, rows, width);

test("columns stand side by side, without borders or blanks at the end", () => {
  expect(table(80)).toBe(
    [
      "version   rows  description",
      "001          5  create users",
      "002      12000  add the full text search of posts and comments",
    ].join("\n"),
  );
  expect(table(Infinity)).toBe(table(80));
});

test("the last column gives way first", () => {
  expect(table(40)).toBe(
    [
      "version   rows  description",
      "001          5  create users",
      "002      12000  add the full text search",
      "                of posts and comments",
    ].join("\n"),
  );
});

describe.each([60, 40, 30])("%i columns", (width) => {
  test("nothing is wider, and nothing is lost", () => {
    const paths = [
      [
        "environments.production.url",
        "postgres://app@db.example.com:5432/shop",
        "pgwright.yaml:12",
      ],
      ["a", "b", "c"],
    ];
    const text = renderTable(
      plainStyle,
      [{ title: "setting" }, { title: "value" }, { title: "origin" }],
      paths,
      width,
    );
    for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
    const letters = (all: string) => [...all.replaceAll(/\s/g, "")].sort().join("");
    expect(letters(text)).toBe(letters(["setting", "value", "origin", ...paths.flat()].join("")));
  });
});

test("a table without rows is its titles", () => {
  expect(renderTable(plainStyle, columns, [], 80)).toBe("version  rows  description");
});

test("colours survive the wrapping of a cell", () => {
  const yellow = (text: string) => `\u001b[33m${text}\u001b[39m`;
  const text = renderTable(plainStyle, [{ title: "a" }], [[yellow("one two three")]], 8);
  expect(text.split("\n")).toEqual(["a", yellow("one two"), yellow("three")]);
});

test("a view fits a terminal, and leaves lines whole for everybody else", () => {
  const wide = { columns, rows };
  expect(createView(plainStyle, 40, false, true).table(wide)).toBe(table(40));
  expect(createView(plainStyle, 40, false).table(wide)).toBe(table(80));
});
