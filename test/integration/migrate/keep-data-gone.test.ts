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

test("rows that somebody has deleted are not said to be back", async () => {
  await using project = await withKept();
  const { sql } = project;
  await sql`delete from pgwright.kept_1`;
  await sql`delete from pgwright.kept_2 where id::int > 3`;
  await sql`delete from t where id = 1`;
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain(
    "public.docs: 0 rows put back, 20 more had been kept and were not in pgwright.kept_1 any more\n",
  );
  expect(again.stdout).toContain(
    "public.t.mark: 2 rows put back, 1 left in pgwright.kept_2: their place is gone or holds something newer, 17 more had been kept and were not in pgwright.kept_2 any more",
  );
  expect(await sql`select kept_rows, rows_left from pgwright.kept_data order by id`).toEqual([
    { kept_rows: "0", rows_left: "0" },
    { kept_rows: "3", rows_left: "1" },
  ]);
});

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

test("rows whose key is NULL stay for that reason", async ({ skip }) => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (code text unique, n int);", "drop table t;"),
    "002_mark.sql": migration(
      "alter table t add column mark text;",
      "alter table t drop column mark;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values ('a', 1, 'A'), (null, 2, 'B'), (null, 3, 'C'), ('d', 4, 'D')`;
  const [{ version } = { version: 0 }] =
    await sql`select current_setting('server_version_num')::int as version`;
  if (version < 180_000) skip("NOT NULL … NOT VALID came with PostgreSQL 18");
  await sql.unsafe("alter table t add constraint code_set not null code not valid");
  await project.mustRun(["rollback", "--keep-data"]);
  await sql`delete from t where code = 'd'`;
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain(
    "public.t.mark: 1 row put back, 1 left in pgwright.kept_1: their place is gone or holds something newer, 2 left in pgwright.kept_1: their key is NULL, and",
  );
  expect(await sql`select mark from pgwright.kept_1 order by mark`).toEqual([
    { mark: "B" },
    { mark: "C" },
    { mark: "D" },
  ]);
});

test("a list of kept data that somebody has dropped is missed, once", async () => {
  await using project = await withKept();
  const { sql } = project;
  await sql`drop schema pgwright cascade`;
  const warning =
    "warning: 002_docs.sql: its rollback has kept data, and pgwright.kept_data lists none of them any more: nothing is put back";
  const again = await project.run(["migrate"]);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain(warning);
  await project.mustRun(["rollback"]);
  const plain = await project.run(["migrate"]);
  expect(plain.stderr).not.toContain("warning");
});

test("a key column that has another name now is said, and what to type", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
    "002_x.sql": migration("alter table t add x text;", "alter table t drop x;"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1, 'kept')`;
  await project.mustRun(["rollback", "--keep-data"]);
  await sql`alter table t rename id to ident`;
  const stuck = await project.json(["migrate"]);
  expect(stuck.code).toBe(4);
  expect(stuck.body.error).toMatchObject({
    code: "keep-failed",
    message:
      "002_x.sql: the data that its rollback kept could not be put back: public.t has no column id any more, by which its rows are found",
    hint: expect.stringContaining("pgwright migrate --leave-kept"),
  });
  expect(await sql`select * from t`).toEqual([{ ident: 1 }]);
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.code).toBe(0);
  expect(left.stdout).toContain("public.t.x: 1 row stay in pgwright.kept_1");
  expect(await sql`select id, x from pgwright.kept_1`).toEqual([{ id: "1", x: "kept" }]);
});
