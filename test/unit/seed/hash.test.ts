import { describe, expect, it } from "vitest";
import { Draw } from "../../../src/seed/draw.ts";
import { keyOf, permute, power } from "../../../src/seed/hash.ts";
import { Impossible } from "../../../src/seed/scope.ts";

describe("permute", () => {
  it("gives every place once", () => {
    for (const count of [1, 2, 3, 5, 16, 17, 100]) {
      const places = Array.from({ length: count }, (_, n) => permute(n, count, keyOf("a", "b")));
      expect(places.toSorted((one, other) => one - other)).toEqual(
        Array.from({ length: count }, (_, n) => n),
      );
    }
  });

  // The walk from there comes never inside for some keys.
  it("refuses what is outside", () => {
    for (let n = 0; n < 50; n += 1) {
      const key = keyOf("seed", String(n));
      expect(() => permute(2, 2, key)).toThrow(RangeError);
      expect(() => permute(2 ** 41, 2 ** 41, key)).toThrow(RangeError);
      expect(() => new Draw(key, new Map()).place(2, 2)).toThrow(Impossible);
    }
  });
});

it("ends with a power beyond what numbers can be", () => {
  expect(power(3, -1e12)).toBe(0);
  expect(power(3, 1e12)).toBe(Infinity);
  expect(power(2, 10)).toBeCloseTo(1024, 8);
});
