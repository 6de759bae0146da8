import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tail, wilson } from "../../../src/pii/likelihood.ts";

test("the tail is the sum of the binomial distribution", () => {
  // 1 - 0.9^10, and 10 of 10.
  expect(tail(1, 10, 0.1)).toBeCloseTo(1 - 0.9 ** 10, 10);
  expect(tail(10, 10, 0.1)).toBeCloseTo(1e-10, 15);
  expect(tail(0, 10, 0.1)).toBe(1);
  expect(tail(11, 10, 0.1)).toBe(0);
  // A column of timestamps passes Luhn's check about as often as chance has it.
  expect(tail(100, 1000, 0.1)).toBeGreaterThan(0.4);
  expect(tail(200, 1000, 0.1)).toBeLessThan(1e-15);
  // Far fewer than chance has it: the first term alone is no number that a double holds.
  expect(tail(2, 2000, 0.9)).toBe(1);
  expect(tail(900, 1000, 0.9)).toBeCloseTo(0.5266, 3);
});

test("it falls with the hits and stays a probability", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 1e-5, max: 0.9, noNaN: true }),
      fc.integer({ min: 0, max: 1999 }),
      (total, chance, hits) => {
        const at = tail(hits, total, chance);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThanOrEqual(1);
        // Logarithms of factorials of 2,000 are exact to some 1e-9 of the sum.
        expect(tail(hits + 1, total, chance)).toBeLessThanOrEqual(at + 1e-7);
      },
    ),
  );
});

test("Wilson's interval holds the share and stays within 0 and 1", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 0, max: 5000 }),
      (total, hits) => {
        fc.pre(hits <= total);
        const [low, high] = wilson(hits, total);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(hits / total + 1e-9);
        expect(high).toBeGreaterThanOrEqual(hits / total - 1e-9);
      },
    ),
  );
  expect(wilson(0, 0)).toEqual([0, 1]);
});
