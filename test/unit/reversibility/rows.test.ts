/** Sums of rows before and after, and what is said about them. */
import { expect, test } from "vitest";
import type { TableSum } from "../../../src/reversibility/rows.ts";
import { compareRows } from "../../../src/reversibility/rows.ts";

const before: TableSum = {
  table: "app.t",
  key: "app.t",
  oid: "1",
  rows: 10,
  sum: "1",
  columns: [
    { name: "id", number: 1, values: 10, sum: "5" },
    { name: "Note", number: 2, values: 4, sum: "6" },
    { name: "empty", number: 3, values: 0, sum: "0" },
  ],
};

const [id, note, empty] = before.columns as [
  TableSum["columns"][0],
  TableSum["columns"][0],
  TableSum["columns"][0],
];

test.each<[string, readonly TableSum[], string[]]>([
  ["equal sums", [before], []],
  ["no table", [], ["rows-lost: app.t had 10 rows and has none"]],
  ["fewer rows", [{ ...before, rows: 9 }], ["rows-lost: app.t had 10 rows and has 9"]],
  ["more rows", [{ ...before, rows: 11 }], ["rows-left: app.t had 10 rows and has 11"]],
  [
    "a column gone",
    [{ ...before, sum: "2", columns: [id, empty] }],
    ['values-lost: app.t."Note" had a value in 4 rows and has one in none'],
  ],
  ["an empty column gone", [{ ...before, columns: [id, note] }], []],
  [
    "values that are others",
    [{ ...before, sum: "2", columns: [id, { ...note, sum: "7" }, empty] }],
    ['values-lost: app.t."Note" has other values than before, in some or all of 4 rows'],
  ],
  [
    "values that have changed places",
    [{ ...before, sum: "2" }],
    ["values-lost: values of app.t stand in other rows than before"],
  ],
])("%s", (_, now, expected) => {
  expect(compareRows([before], now).map(({ kind, text }) => `${kind}: ${text}`)).toEqual(expected);
});

test("a log that grows is no news, and one that shrinks is", () => {
  const log = { ...before, key: "app.log", table: "app.log" };
  expect(compareRows([log], [{ ...log, rows: 12 }], "app.log")).toEqual([]);
  expect(compareRows([log], [{ ...log, rows: 2 }], "app.log")).toHaveLength(1);
});
