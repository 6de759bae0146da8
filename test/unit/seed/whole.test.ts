import * as fc from "fast-check";
import { expect, test } from "vitest";
import { showWhole } from "../../../src/seed/generators/whole.ts";

test("is what String makes of any number", () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double()), (number) => {
      expect(showWhole(number)).toBe(String(number));
    }),
  );
  for (const edge of [0, -0, 999, 1000, 1001, -1000, 1_000_000, 1_000_999, 2 ** 53, -(2 ** 53)]) {
    expect(showWhole(edge)).toBe(String(edge));
  }
});
