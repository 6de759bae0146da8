import { expect, test } from "vitest";
import {
  countOf,
  formatAge,
  formatBytes,
  formatCount,
  formatNames,
  formatShare,
} from "../../../src/db/amount.ts";

test.each([
  [0, "0 bytes"],
  [1023, "1023 bytes"],
  [1024, "1.0 kB"],
  [655_360, "640 kB"],
  [1.5 * 1024 ** 3, "1.5 GB"],
  [3 * 1024 ** 6, "3072 PB"],
])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));

test.each([
  [0, "0 s"],
  [0.4, "0 s"],
  [59.6, "1 min"],
  [90, "1 min 30 s"],
  [3600, "1 h"],
  [3 * 3600 + 1234, "3 h 20 min"],
  [5 * 86_400 + 60, "5 d"],
  [5 * 86_400 + 3 * 3600 + 1, "5 d 3 h"],
])("%d seconds are %s", (seconds, text) => expect(formatAge(seconds)).toBe(text));

test("whole numbers of any size keep every digit", () => {
  expect(formatCount("9223372036854775807")).toBe("9,223,372,036,854,775,807");
  expect(formatCount(1234)).toBe("1,234");
});

test("a share is never rounded up to full", () => {
  expect(formatShare(0.99999)).toBe("99.9 %");
  expect(formatShare(1)).toBe("100.0 %");
});

test.each([
  [1, "policy", "1 policy"],
  [2, "policy", "2 policies"],
  [2, "index", "2 indexes"],
  [1200, "table", "1,200 tables"],
])("%d %s", (count, noun, text) => expect(countOf(count, noun)).toBe(text));

test("long lists of names are cut with their number", () => {
  expect(formatNames(["a", "b"], 2)).toBe("a, b");
  expect(formatNames(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
});
