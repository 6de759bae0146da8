import { describe, expect, test } from "vitest";
import { formatMarker, type Marker, readMarker } from "../../../src/testdb/marker.ts";
import { databaseName, newRunId, readName, templateName } from "../../../src/testdb/name.ts";

const at = Date.UTC(2026, 4, 1, 12, 0, 30);

describe("names", () => {
  test("say whose they are and until when, in whole minutes, never too short", () => {
    const run = newRunId();
    const name = databaseName(run, 12, at);
    expect(name).toMatch(/^pgwright_[0-9a-z]{6}_12_[0-9a-z]{10}$/);
    expect(readName(name)).toEqual({ run, expiresAt: Date.UTC(2026, 4, 1, 12, 1) });
  });

  test("are short and need no quotes", () => {
    const name = databaseName(newRunId(), 999_999, Date.UTC(2130, 0, 1));
    expect(name.length).toBeLessThanOrEqual(40);
    expect(readName(name)?.expiresAt).toBe(Date.UTC(2130, 0, 1));
    expect(templateName("ab".repeat(32))).toBe("pgwright_template_abababababababab");
  });

  test.each([
    "pgwright_abc123_1_0000000000",
    "pgwright_template_0123456789abcdef",
    "pgwright_mine",
    "shop",
    `${databaseName("abc123", 1, at)}x`,
    databaseName("abc123", 1, at).replace("_1_", "_2_"),
    databaseName("abc123", 1, at).replace("abc123", "abc124"),
  ])("%s is not one of ours", (name) => {
    expect(readName(name)).toBeUndefined();
    expect(readMarker(name, null)).toBeUndefined();
  });
});

describe("marks", () => {
  const name = databaseName("abc123", 1, at);
  const marker: Marker = {
    kind: "database",
    run: "abc123",
    by: "ann@laptop",
    createdAt: at,
    expiresAt: at + 3_600_000,
    template: "pgwright_template_0123456789abcdef",
  };

  test("are read as they were written", () => {
    expect(readMarker(name, formatMarker(name, marker))).toEqual(marker);
    expect(readMarker(name, null)).toMatchObject({ kind: "database", run: "abc123" });
  });

  test.each([
    ["another name", "other", formatMarker(name, marker)],
    ["a comment of somebody", name, "mine"],
    ["an empty comment", name, ""],
    ["a changed one", name, `${formatMarker(name, marker)} mine`],
    ["one without a lease", name, formatMarker(name, marker).replace("expiresAt", "expires")],
    ["one of no kind", name, formatMarker(name, marker).replace('"kind":"database"', '"kind":"x"')],
  ])("do not count: %s", (_, database, comment) => {
    expect(readMarker(database, comment)).toBeUndefined();
  });
});
