/** Options of a foreign table's column: they are said as what they are, and changed. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { withMigrations } from "../../support/migration-project.ts";

const server = `create extension postgres_fdw; create server there foreign data wrapper postgres_fdw;`;

test("options that come, go and change lead from one to the other", async () => {
  await using project = await withMigrations({});
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql
    .unsafe(
      `${server} create foreign table f (a int, b text options (column_name 'B') not null default 'x', "C d" text options (column_name 'c')) server there;`,
    )
    .simple();
  await other.sql
    .unsafe(
      `${server} create foreign table f (a int options (column_name 'it''s'), b text not null default 'x', "C d" text options (column_name 'd')) server there;`,
    )
    .simple();
  const told = await project.json(["diff", one.url, other.url]);
  expect(told.body.result.differences).toMatchObject([
    {
      words: [
        "column a has the options `column_name 'it''s'` and had none",
        "column b has the options none and had `column_name 'B'`",
        "column \"C d\" has the options `column_name 'd'` and had `column_name 'c'`",
      ],
      leftOut: [],
    },
  ]);
  const script = (await project.run(["diff", one.url, other.url, "--sql"])).stdout;
  expect(script).toContain("ALTER COLUMN a OPTIONS (ADD column_name 'it''s');");
  await one.sql.unsafe(script).simple();
  const after = await project.json(["diff", one.url, other.url]);
  expect(after.body.result.differences).toEqual([]);
});
