import { describe, expect, test } from "vitest";
import { compareSql } from "../../../src/migrate/compare.ts";

describe("compareSql", () => {
  test.each([
    ["select 1;", "\uFEFFselect 1;\r\n\r\n", "same"],
    ["select 1;", "-- why\nSELECT  1 ;", "cosmetic"],
    ["create table a (b int default 5);", "create table a (b int default 6);", "semantic"],
    ["select 1;", "select 1; select 1;", "semantic"],
    ["selec 1;", "selec  1;", "semantic"],
    ["select 1;", "selec 1;", "semantic"],
  ])("%j and %j are %s", async (before, after, kind) => {
    const comparison = await compareSql(before, after);
    expect(comparison.kind).toBe(kind);
    expect(comparison.diff.length > 0).toBe(kind !== "same");
  });
});
