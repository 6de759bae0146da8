/** Kept data that somebody has taken away or that lie where a key does not reach. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
  "002_docs.sql": migration(
    "create table docs (no int primary key, t text); alter table t add column mark text;",
    "drop table docs; alter table t drop column mark;",
  ),
};

/** Applied, with 20 rows in each table, and the last migration rolled back. */
async function withKept() {
  const project = await withMigrations(files);
  await project.mustRun(["migrate"]);
  await project.sql`insert into docs select g, 'x' from generate_series(1, 20) g`;
  await project.sql`insert into t select g, 'm' from generate_series(1, 20) g`;
  await project.mustRun(["rollback", "--keep-data"]);
  return project;
}

test("a kept table that somebody has dropped is named before anything runs, with the way on", async () => {
  await using project = await withKept();
  const { sql } = project;
  await sql`drop table pgwright.kept_1`;
  for (const args of [["migrate"], ["migrate", "--dry-run"]]) {
    const stuck = await project.json(args);
    expect(stuck.code).toBe(4);
    expect(stuck.body.error).toMatchObject({
      code: "keep-failed",
      message:
        "pgwright.kept_1, in which the rollback of 002_docs.sql has kept public.docs, is not there any more",
      notes: ["nothing was applied"],
    });
  }
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.code).toBe(0);
  expect(left.stderr).toContain("warning: pgwright.kept_1, in which");
  expect(left.stdout).toContain("public.t.mark: 20 rows stay in pgwright.kept_2");
  expect(left.stdout).not.toContain("kept_1");
  const reserved = await sql.reserve();
  await reserved.unsafe(left.stdout.slice(left.stdout.indexOf("begin;"))).simple();
  reserved.release();
  expect(await sql`select count(mark)::int as marks from t`).toEqual([{ marks: 20 }]);

  await project.mustRun(["rollback", "--keep-data"]);
  const stuck = await project.json(["migrate"]);
  const hint = String(stuck.body.error.hint);
  await sql.unsafe(hint.slice(hint.indexOf("delete from")));
  await project.mustRun(["migrate"]);
  expect(await sql`select count(mark)::int as marks from t`).toEqual([{ marks: 20 }]);
});
