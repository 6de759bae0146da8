import { expect, test } from "vitest";
import { migration, withMigrations } from "../support/migration-project.ts";

test("setup says what it made, and leaves its ledger out of the overview", async () => {
  await using project = await withMigrations({ ".gitkeep": "" });
  const first = await project.run(["setup"]);
  expect(first.stdout).toContain("created the ledger of migrations: there are no migrations yet");
  expect(first.stdout).toContain("pgwright new");
  expect(first.stdout).not.toContain("public");
  const second = await project.run(["setup"]);
  expect(second.stdout).toContain("nothing was changed");
  await project.write(
    "001_t.sql",
    migration("create table t (id int primary key);", "drop table t;"),
  );
  const { body } = await project.json(["setup"]);
  expect(body.result.schemas).toEqual([
    { schema: "public", tables: 1, partitions: 0, views: 0, indexes: 1, rows: null },
  ]);
});
