/** A document of which all is kept: it is carried as it is, and no original is sought in it. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { copyMasked, verifyWith } from "../../support/verify.ts";

test.each([
  ["all below the column", "'x.**': {keep: true, reason: x}"],
  ["each path that is named", "'x.k1': {keep: true, reason: x}, 'x.k2': {keep: true, reason: x}"],
])("%s", async (_name, paths) => {
  await using source = await withDatabase();
  await using target = await withDatabase();
  await source.sql
    .unsafe(
      `create table t (id int primary key, name text, x jsonb);
       insert into t values (1, 'Arthur Dentington', '{"k1":"a@b.example"}');`,
    )
    .simple();
  const rules = `tables: {public.t: {columns: {name: scramble, ${paths}}}}`;
  await copyMasked(source, target, rules);
  expect(await target.sql`select x from t`).toEqual([{ x: { k1: "a@b.example" } }]);
  const { findings, survival } = await verifyWith(source, target, rules);
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(survival.columns.map(({ column }) => column)).toEqual(["name"]);
});
