import { beforeAll, expect, test } from "vitest";
import { loadParser } from "../../../src/db/script.ts";
import { isOnlyNotNull } from "../../../src/indexes/predicate.ts";

beforeAll(loadParser);

// As pg_get_expr() writes them.
test.each([
  ["(a IS NOT NULL)", true],
  ['((a IS NOT NULL) AND ("B c" IS NOT NULL))', true],
  ["(a IS NULL)", false],
  ["(x IS NOT NULL)", false],
  ['((a IS NOT NULL) OR ("B c" IS NOT NULL))', false],
  ["((a IS NOT NULL) AND live)", false],
  ["(a > 0)", false],
  ["((a + 1) IS NOT NULL)", false],
])("%s leaves out only rows without the key: %s", (predicate, expected) => {
  expect(isOnlyNotNull(predicate, ["a", "B c"])).toBe(expected);
});
