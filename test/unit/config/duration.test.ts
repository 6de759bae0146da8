import { describe, expect, test } from "vitest";
import { durationPattern, formatDuration, parseDuration } from "../../../src/config/duration.ts";

test.each([
  ["0", 0],
  ["500ms", 500],
  ["1s", 1_000],
  ["1.5s", 1_500],
  ["2 min", 120_000],
  ["1h", 3_600_000],
  ["0s", 0],
  ["24d", 2_073_600_000],
])("%s is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
  expect(text).toMatch(new RegExp(durationPattern));
});

test.each([
  ["", "is not a duration; write 500ms, 1s, 2min, 1h or 0"],
  ["fast", "is not a duration; write 500ms, 1s, 2min, 1h or 0"],
  ["-1s", "is not a duration; write 500ms, 1s, 2min, 1h or 0"],
  ["1s 500ms", "is not a duration; write 500ms, 1s, 2min, 1h or 0"],
  ["1000", "needs a unit; write 1000ms or 1000s"],
  ["2m", "has the unknown unit `m`; minutes are 2min"],
  ["2S", "has the unknown unit `S`; units are ms, s, min, h and d"],
  ["500us", "has the unknown unit `us`; units are ms, s, min, h and d"],
  ["0.1ms", "is shorter than a millisecond"],
  ["25d", "is longer than PostgreSQL's limit of 24 days"],
])("%j %s", (text, mistake) => {
  expect(parseDuration(text)).toEqual({ mistake });
});

describe("formatDuration", () => {
  test.each([0, 1, 999, 1_000, 1_001, 90_000, 120_000, 3_600_000, 86_400_000])(
    "writes %d so that it reads back the same",
    (milliseconds) => {
      expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
    },
  );
  test("takes the largest unit", () => {
    expect(formatDuration(120_000)).toBe("2min");
    expect(formatDuration(90_000)).toBe("90s");
  });
});
