/** Flags of V8: what they are set back to must be what V8 has by itself, or it takes no bytecode. */
import { cachedDataVersionTag } from "node:v8";
import { expect, test } from "vitest";
import { optimiseAsUsual, optimiseLate } from "../../../src/cli/engine.ts";

test("what is set for the parser can be set back to V8's own values", () => {
  const usual = cachedDataVersionTag();
  optimiseLate(process.versions.node);
  expect(cachedDataVersionTag()).not.toBe(usual);
  optimiseAsUsual(process.versions.node);
  expect(cachedDataVersionTag()).toBe(usual);
});

test("a newer Node than was tried is left alone", () => {
  const usual = cachedDataVersionTag();
  optimiseLate("99.0.0");
  expect(cachedDataVersionTag()).toBe(usual);
});
