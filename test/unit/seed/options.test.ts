import { describe, expect, it } from "vitest";
import { readMoment } from "../../../src/seed/options.ts";

describe("a reference date", () => {
  it.each([
    ["2026-01-31", "2026-01-31T00:00:00Z"],
    ["2024-02-29", "2024-02-29T00:00:00Z"],
    ["2025-06-30T12:00Z", "2025-06-30T12:00:00Z"],
    ["2025-06-30T12:00:00+02", "2025-06-30T10:00:00Z"],
    ["2025-06-30T12:00:00-03:30", "2025-06-30T15:30:00Z"],
    ["2025-06-30 12:00:00+0530", "2025-06-30T06:30:00Z"],
  ])("%s", (text, moment) => {
    expect(readMoment(text)).toBe(Date.parse(moment) / 1000);
  });

  it.each([
    "2026-02-30",
    "2025-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-01-31T24:00Z",
    "2026-01-31T12:60Z",
    "2026-1-1",
    "yesterday",
  ])("%s is none", (text) => {
    expect(readMoment(text)).toBeUndefined();
  });
});
