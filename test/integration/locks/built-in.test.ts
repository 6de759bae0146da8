/** What is taken for the volatility of PostgreSQL's own functions, held against the server. */
import { expect, test } from "vitest";
import { steadyBuiltIn, volatileBuiltIn } from "../../../src/locks/built-in.ts";
import { listBuiltIn } from "../../support/built-in-functions.ts";
import { withDatabase } from "../../support/database.ts";

test("every function that one calls by name is on its list", async () => {
  await using database = await withDatabase();
  const rows = await database.sql.unsafe<{ name: string; isVolatile: boolean }[]>(listBuiltIn);
  const [steady, volatile] = [steadyBuiltIn, volatileBuiltIn].map(
    (list) => new Set(list.split(/\s+/)),
  );
  expect(rows.length).toBeGreaterThan(600);
  // Volatile on another server counts on all.
  expect(rows.filter(({ name, isVolatile }) => isVolatile && !volatile?.has(name))).toEqual([]);
  expect(rows.filter(({ name }) => !steady?.has(name) && !volatile?.has(name))).toEqual([]);
  expect([...(steady ?? [])].filter((name) => name !== "" && volatile?.has(name))).toEqual([]);
});
