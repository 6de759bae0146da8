import { describe, expect, test } from "vitest";
import { isTimestamp, parseName } from "../../../src/migrate/name.ts";

describe("parseName", () => {
  test.each([
    ["001_initial_schema.sql", "001", 1n, undefined, "initial schema", "sql"],
    ["001_20240115_initial_schema.sql", "001", 1n, "20240115", "initial schema", "sql"],
    ["7_20240115093000_x.ts", "7", 7n, "20240115093000", "x", "code"],
    [
      "20240115120000_dbmate-style.sql",
      "20240115120000",
      20240115120000n,
      undefined,
      "dbmate-style",
      "sql",
    ],
    ["002_2024_report.mjs", "002", 2n, undefined, "2024 report", "code"],
    [
      "00099999999999999999999_größe.js",
      "00099999999999999999999",
      99999999999999999999n,
      undefined,
      "größe",
      "code",
    ],
  ])("reads %s", (file, version, order, timestamp, description, kind) => {
    expect(parseName(file)).toEqual({
      is: "migration",
      name: { version, order, timestamp, description, kind },
    });
  });

  test("a decomposed name means the same as a composed one", () => {
    expect(parseName("001_größe.sql".normalize("NFD"))).toEqual(
      parseName("001_größe.sql".normalize("NFC")),
    );
  });

  test("reads a repeatable migration", () => {
    expect(parseName("R_user_search.sql")).toEqual({
      is: "repeatable",
      description: "user search",
    });
  });

  test.each([
    "README.md",
    ".gitkeep",
    "_shared.ts",
    "package.json",
    "001_x.d.ts",
    ".001_x.sql.swp",
    "Rakefile",
  ])("passes over %s", (file) => expect(parseName(file)).toEqual({ is: "other" }));

  test.each([
    ["11-x.sql", "`11-x.sql` has no `_` between its version number and its description"],
    ["11.sql", "`11.sql` has no `_` between its version number and its description"],
    ["v11_x.sql", "`v11_x.sql` does not begin with a version number"],
  ])("says what %s lacks", (file, message) => {
    expect(parseName(file)).toMatchObject({ rule: "migrations/bad-name", message });
  });

  test.each([
    ["schema.sql", "migrations/bad-name"],
    ["v1_x.sql", "migrations/bad-name"],
    ["helpers.ts", "migrations/bad-name"],
    ["001_.sql", "migrations/bad-name"],
    ["001_20240115.sql", "migrations/bad-name"],
    ["001_20241315_x.sql", "migrations/bad-name"],
    ["001_20240230_x.sql", "migrations/bad-name"],
    ["001_add email.sql", "migrations/bad-name"],
    ["001__x.sql", "migrations/bad-name"],
    ["R__x.sql", "migrations/bad-name"],
    ["r_x.sql", "migrations/bad-name"],
    ["R_x.ts", "migrations/wrong-extension"],
    ["001_x.SQL", "migrations/wrong-extension"],
    ["001_x.txt", "migrations/wrong-extension"],
    ["001_x", "migrations/wrong-extension"],
    ["001_x.up.sql", "migrations/wrong-extension"],
    ["001_x.cjs", "migrations/wrong-extension"],
    ["001_x.sql.bak", "migrations/left-over-file"],
    ["001_x.sql~", "migrations/left-over-file"],
  ])("refuses %s", (file, rule) => {
    expect(parseName(file)).toMatchObject({ is: "bad", rule });
  });
});

test.each([
  ["20240229", true],
  ["20230229", false],
  ["20240100", false],
  ["20240115235959", true],
  ["20240115240000", false],
  ["2024011", false],
])("isTimestamp(%s) is %s", (digits, expected) => expect(isTimestamp(digits)).toBe(expected));
