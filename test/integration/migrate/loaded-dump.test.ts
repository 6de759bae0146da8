/** A database that was made by loading a dump goes on as if its files had been run there. */
import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_t.sql": migration("create table t (id int primary key, a text);", "drop table t;"),
  "002_narrow.sql": migration("alter table t drop column a;", "alter table t add column a text;"),
};

test("status, rollback and migrate go on from a loaded dump", async () => {
  await using project = await withMigrations(files);
  await project.mustRun(["migrate"]);
  const { stdout: dump } = await project.run(["dump"]);
  const before = await project.json(["status"]);
  expect(before.body.result.schemaVersion).toBe("1.0.0");
  await using copy = await withDatabase();
  await copy.sql.unsafe(dump).simple();
  const { url } = copy;
  const loaded = await project.json(["status"], { url });
  expect(loaded.code).toBe(0);
  expect(loaded.body.result).toMatchObject({
    counts: { applied: 2, pending: 0 },
    isUpToDate: true,
  });
  expect(loaded.body.findings[0].rule).toBe("migrations/no-log");
  const dry = await project.run(["rollback", "--dry-run"], { url });
  expect(dry.code).toBe(0);
  const first = await project.run(["migrate"], { url });
  expect(first.stderr).toContain("written for 2 migrations from the files");
  expect(first.code).toBe(0);
  const after = await project.json(["status"], { url });
  expect(after.body.findings).toEqual([]);
  expect(after.body.result.schemaVersion).toBe("1.0.0");
  // The stored text is there as well: the file is not needed to go back.
  await project.remove("002_narrow.sql");
  expect((await project.run(["rollback"], { url })).code).toBe(0);
  expect(await copy.sql`select version from schema_migrations`).toEqual([{ version: "001" }]);
});

test("a file that is not what the dump was made with is told, not adopted", async () => {
  await using project = await withMigrations(files);
  await project.mustRun(["migrate"]);
  const { stdout: dump } = await project.run(["dump"]);
  await using copy = await withDatabase();
  await copy.sql.unsafe(dump).simple();
  await project.write("002_narrow.sql", migration("alter table t drop a;", "select 1;"));
  const { body, code } = await project.json(["migrate"], { url: copy.url });
  expect(code).toBe(4);
  expect(body.error.code).toBe("checksum-mismatch");
  expect(await copy.sql`select version from schema_migrations_log`).toEqual([{ version: "001" }]);
});
