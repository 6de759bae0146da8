import { expect, test } from "vitest";
import { defaultName } from "../../../src/schema/default-name.ts";

// What PostgreSQL 18 named the constraints of such tables.
test.for([
  ["t", "c", "not_null", "t_c_not_null"],
  ["t", undefined, "not_null", "t_not_null"],
  ["a".repeat(63), "b", "seq", `${"a".repeat(57)}_b_seq`],
  ["a", "b".repeat(63), "seq", `a_${"b".repeat(57)}_seq`],
  ["a".repeat(40), "b".repeat(40), "not_null", `${"a".repeat(27)}_${"b".repeat(26)}_not_null`],
  // Two bytes each: what is left of a character is dropped.
  ["ä".repeat(20), "ö".repeat(20), "not_null", `${"ä".repeat(13)}_${"ö".repeat(13)}_not_null`],
] as const)("%s, %s, %s", ([table, column, label, name]) => {
  expect(defaultName(table, column, label)).toBe(name);
});
