/** What a run that failed leaves is told as it is, by whichever command comes next. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findBuild } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const unique = migration("create unique index concurrently i on t (a);", "drop index i;");

test("a concurrent index that failed: named, never exit 3, and gone in the next run", async () => {
  await using project = await withMigrations({ "001_i.sql": unique });
  const { sql } = project;
  await sql`create table t as select 1 as a from generate_series(1, 2)`;
  const { body, code } = await project.json(["migrate"]);
  expect(code).toBe(4);
  expect(body.error.notes.join("\n")).toContain("the invalid index public.i stays");
  expect(body.error.notes.join("\n")).not.toContain("nothing of 001_i.sql was kept");
  await sql`delete from t where ctid = '(0,1)'`;
  // What a dry run prints is what would run, the drop included.
  const dry = await project.run(["migrate", "--dry-run"]);
  const drop = dry.stdout.indexOf("drop index concurrently public.i;");
  expect(drop).toBeGreaterThan(0);
  // Its locks are told above the SQL.
  expect(dry.stdout.indexOf("create unique index concurrently i", drop)).toBeGreaterThan(drop);
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql`select indisvalid from pg_index where indexrelid = 'i'::regclass`).toEqual([
    { indisvalid: true },
  ]);
});

test("Ctrl-C and a spent budget during a concurrent build say that the index stays", async () => {
  await using project = await withMigrations({
    "001_i.sql": migration("create index concurrently i on t (a);", "drop index i;"),
  });
  const { sql } = project;
  await sql`create table t as select 1 as a`;
  const writer = await sql.reserve();
  await writer.unsafe("begin; insert into t values (2)");
  const running = project.start(["migrate"]);
  await findBuild(sql, "waiting for writers");
  running.child.kill("SIGINT");
  const stopped = await running.done;
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain("the invalid index public.i stays");
  const late = await project.json(["migrate", "--lock-budget", "1s"]);
  expect(late.body.error.code).toBe("lock-timeout");
  expect(late.code).toBe(4);
  expect(late.body.error.notes.join("\n")).toContain("the invalid index public.i stays");
  await writer.unsafe("commit");
  writer.release();
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("an index of a partitioned table is dropped, though the file says CONCURRENTLY", async () => {
  await using project = await withMigrations({
    "001_p.sql": migration(
      "create table p (a int) partition by range (a); create table p1 partition of p default; create index concurrently i on p (a);",
      "drop index concurrently i; drop table p;",
    ),
  });
  await project.mustRun(["migrate"]);
  const { code, stderr } = await project.run(["rollback"]);
  expect(stderr).toContain("a partitioned index is dropped without CONCURRENTLY: drop index i");
  expect(code).toBe(0);
  expect(await project.sql`select to_regclass('p') as p, to_regclass('i') as i`).toEqual([
    { p: null, i: null },
  ]);
});

test("a partitioned index that failed on one leaf is told as unfinished, and goes on", async () => {
  await using project = await withMigrations({
    "001_i.sql": migration("create unique index concurrently i on p (a);", "drop index i;"),
  });
  const { sql } = project;
  await sql.unsafe("create table p (a int) partition by range (a)");
  await sql.unsafe("create table p1 partition of p for values from (0) to (10)");
  await sql.unsafe("create table p2 partition of p for values from (10) to (20)");
  await sql`insert into p values (1), (11), (11)`;
  const { body, code } = await project.json(["migrate"]);
  expect(code).toBe(4);
  expect(body.error.notes.join("\n")).toContain("public.i is built on a part of the partitions");
  await sql`delete from p2 where ctid = '(0,1)'`;
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql`select indisvalid from pg_index where indexrelid = 'i'::regclass`).toEqual([
    { indisvalid: true },
  ]);
});

test("an interrupted migration whose file is gone is not forgotten", async () => {
  await using project = await withMigrations({
    "001_a.sql": migration("create table a ();", "drop table a;"),
    "002_b.sql": migration(
      "create table z (); create index concurrently zz on nope (i);",
      "drop table z;",
    ),
  });
  expect((await project.run(["migrate"])).code).toBe(4);
  const file = (name: string) => join(project.path, "migrations", name);
  await rename(file("002_b.sql"), file("003_b.sql"));
  const { body, code } = await project.json(["status", "--exit-code"]);
  expect(code).toBe(1);
  expect(body.result.migrations[1]).toMatchObject({
    version: "002",
    state: "interrupted",
    file: null,
  });
  const refused = await project.json(["migrate"]);
  expect(refused.code).toBe(4);
  expect(refused.body.error).toMatchObject({
    code: "file-missing",
    message: "002 was interrupted after 1 statement, and its file is gone",
  });
  await project.sql`drop table z`;
  await project.mustRun(["repair", "reverted", "002", "--reason", "z is dropped"]);
  await project.write("003_b.sql", migration("create table z ();", "drop table z;"));
  expect((await project.run(["migrate"])).code).toBe(0);
  expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
});

test("a missing file that is not the last one: the way back says what else it undoes", async () => {
  await using project = await withMigrations(
    Object.fromEntries(
      [1, 2, 3, 4].map((n) => [
        `00${n}_t.sql`,
        migration(`create table t${n} ();`, `drop table t${n};`),
      ]),
    ),
  );
  await project.mustRun(["migrate"]);
  await project.remove("002_t.sql");
  const { body } = await project.json(["migrate"]);
  expect(body.error.hint).toContain(
    "`pgwright rollback --to 001` (the stored text is used), which first undoes 004, 003",
  );
  await project.mustRun(["rollback", "--to", "001"]);
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await project.sql`select version from schema_migrations order by version`).toEqual(
    ["001", "003", "004"].map((version) => ({ version })),
  );
});

test("status names the command that goes on", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (a int);",
      "-- note\ninsert into t values (1); vacuum nope; drop table t;",
    ),
  });
  await project.mustRun(["migrate"]);
  expect((await project.run(["rollback", "--allow-data-loss"])).code).toBe(4);
  const { stdout } = await project.run(["status"]);
  expect(stdout).toContain("1 interrupted");
  expect(stdout).toContain("next: pgwright rollback");
});
