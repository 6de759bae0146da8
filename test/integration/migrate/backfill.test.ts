import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

const rows = 20_000;

async function withRows(up: string, key = "id int primary key"): Promise<MigrationProject> {
  const project = await withMigrations({
    "001_t.sql": migration(
      `create table t (${key}, n int not null default 0, name text);
       insert into t select i, 0, 'N' || i from generate_series(1, ${rows}) i;`,
      "drop table t;",
    ),
    "002_fill.sql": migration(up, "update t set n = 0;"),
  });
  await project.mustRun(["migrate", "--to", "001"]);
  return project;
}

const progressOf = async ({ sql }: MigrationProject) => {
  const found = await sql`select reason::jsonb as progress from schema_migrations_log
    where version = '002' and event = 'statement-started' and reason is not null order by id desc limit 1`;
  return found[0]?.["progress"];
};

describe("a backfill", () => {
  test("killed twice goes on behind its last batch, and changes every row once", async () => {
    await using project = await withRows(
      "alter table t add extra int;\n-- backfill: batch=500 pause=20ms\nupdate t as x set n = n + 1, name = lower(name) -- once\nwhere x.n >= 0;\nalter table t alter n set default 1;",
    );
    for (const batches of [3, 8]) {
      const run = project.start(["migrate"]);
      await eventually(
        async () => ((await progressOf(project))?.batches ?? 0) > batches,
        `${batches} batches`,
      );
      // A writer in a row that is not of the batch at hand does not wait; one of the batch, no longer than it.
      await project.sql`update t set name = 'WRITER' where id = ${rows}`;
      run.child.kill("SIGKILL");
      await run.done;
    }
    const before = await progressOf(project);
    expect(before.batches).toBeLessThan(rows / 500);
    expect(before.rows).toBe(before.batches * 500);
    // Rows that come in behind the end are their writer's.
    await project.sql`insert into t values (${rows + 1}, 7, 'NEW')`;
    await project.mustRun(["migrate"]);
    expect(await project.sql`select n, count(*)::int from t group by n order by n`).toEqual([
      { n: 1, count: rows },
      { n: 7, count: 1 },
    ]);
    expect(await project.sql`select name from t where id = ${rows}`).toEqual([{ name: "writer" }]);
    expect(await progressOf(project)).toMatchObject({ rows, batches: rows / 500 });
  });

  test("takes any key, conditions and DELETE, and an empty table", async () => {
    await using project = await withRows(
      `create table "Pair" (b text collate "C", a uuid, v int, primary key (b, a)) partition by hash (b);
       create table p0 partition of "Pair" for values with (modulus 2, remainder 0);
       create table p1 partition of "Pair" for values with (modulus 2, remainder 1);
       insert into "Pair" select chr(65 + i % 40), gen_random_uuid(), 0 from generate_series(1, 1000) i;
       create table none (id int primary key);
       -- backfill: batch=37, max-lag=0s
       update "Pair" set v = v + (select count(*) from "Pair" p where false) + 1 where b <> 'A' or b = 'A';
       -- backfill: batch=1000
       delete from t where id % 2 = 0;
       -- backfill
       update none set id = id where false is null;`,
    );
    const refused = await project.json(["migrate"]);
    expect(refused.body.error).toMatchObject({
      code: "backfill-refused",
      message: expect.stringContaining("the statement changes id"),
    });
    const dry = await project.run(["migrate", "--dry-run"]);
    expect(dry.stdout).toContain("-- in batches of 10000 rows by key");
    // Without the directive, the rest of the file runs.
    const path = join(project.path, "migrations", "002_fill.sql");
    const text = await readFile(path, "utf8");
    await project.write("002_fill.sql", text.replace("-- backfill\n", ""));
    await project.mustRun(["migrate"]);
    expect(await project.sql`select v, count(*)::int from "Pair" group by v`).toEqual([
      { v: 1, count: 1000 },
    ]);
    expect(await project.sql`select count(*)::int from t`).toEqual([{ count: rows / 2 }]);
  });

  test("an error stops it at that batch; it goes on as soon as that is mended, but not as another statement", async () => {
    await using project = await withRows(
      "-- backfill: batch=1000\nupdate t set n = 10 / (id - 5500);",
    );
    const failed = await project.json(["migrate"]);
    expect(failed.body.error).toMatchObject({ code: "sql-failed", message: "division by zero" });
    expect(failed.body.error.notes).toContain(
      "5 batches of the backfill in 002_fill.sql are committed and stay, 5,000 rows changed",
    );
    expect(failed.body.error.hint).toContain("goes on behind the last batch");
    expect(await progressOf(project)).toMatchObject({ batches: 5, rows: 5000 });
    await project.write(
      "002_fill.sql",
      migration(
        "-- backfill: batch=1000\nupdate t set n = 11 / (id - 5500);",
        "update t set n = 0;",
      ),
    );
    expect((await project.json(["migrate"])).body.error.code).toBe("journal-changed");
    await project.write(
      "002_fill.sql",
      migration(
        "-- backfill: batch=2000\nupdate t set n = 10 / (id - 5500);",
        "update t set n = 0;",
      ),
    );
    await project.sql`update t set id = -5500 where id = 5500`;
    await project.mustRun(["migrate"]);
    expect(await progressOf(project)).toMatchObject({ batches: 13, rows: rows - 1 });
  });

  test.each([
    ["-- backfill: batch=0\nupdate t set n = 1;", "`batch=0` is no option of a backfill"],
    ["-- backfill: size=3\nupdate t set n = 1;", "`size=3` is no option of a backfill"],
    ["-- backfill\ninsert into t values (0);", "only an UPDATE or DELETE can be run in batches"],
    ["-- backfill\nupdate t set n = 1 from t u;", "use a subquery"],
  ])("%j is a mistake of the file", async (up, message) => {
    await using project = await withMigrations({ "001_t.sql": migration(up, "select 1;") });
    const { body } = await project.json(["validate"]);
    expect(body.findings).toMatchObject([
      { rule: "migrations/backfill", message: expect.stringContaining(message) },
    ]);
  });
});
