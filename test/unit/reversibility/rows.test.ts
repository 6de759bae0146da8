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
  primaryKey: ["id"],
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

const printed = (...rows: [string, number, number | null][]) =>
  rows.map(([key, id, note]) => [key, id, note, null]);

test.each<[string, TableSum, string]>([
  [
    "by key, where there is one",
    {
      ...before,
      columns: [id, { ...note, sum: "7" }, empty],
      prints: printed(["k1", 1, 6], ["k2", 2, 5], ["k3", 3, 8]),
    },
    'app.t."Note" has another value than before in 3 of 3 rows',
  ],
  [
    "by key, where values appear",
    {
      ...before,
      columns: [id, { ...note, values: 5, sum: "7" }, empty],
      prints: printed(["k1", 1, 5], ["k2", 2, 7], ["k3", 3, 7]),
    },
    'app.t."Note" had a value in 4 rows and has one in 5; it is other than before in 2 of 3 rows',
  ],
  [
    "by the values that are gone, where keys are others",
    {
      ...before,
      columns: [{ ...id, sum: "8" }, note, empty],
      prints: printed(["k4", 2, 5], ["k5", 3, 6], ["k6", 4, null]),
    },
    "app.t.id has another value than before in at least 1 of 3 rows",
  ],
])("how many rows: %s", (_, now, text) => {
  const had = { ...before, rows: 3, prints: printed(["k1", 1, 5], ["k2", 2, 6], ["k3", 3, null]) };
  expect(compareRows([had], [{ ...now, rows: 3 }]).map((change) => change.text)).toEqual([text]);
});
