import { expect, test } from "vitest";
import { countAdvisoryLocks } from "../../support/catalog.ts";
import { eventually } from "../../support/eventually.ts";
import { findStopped } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_first.sql": migration("create table first (id int);", "drop table first;"),
  "002_long.sql": migration(
    "create table long (id int);\nselect pg_sleep(60);",
    "select pg_sleep(60); drop table long;",
  ),
  "003_next.sql": migration("select 1;", "select 1;"),
};

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s cancels the statement, rolls back, gives the lock back and reports",
  async (signal, exit) => {
    await using project = await withMigrations(files);
    const { sql } = project;
    const running = project.start(["migrate", "--json"]);
    await eventually(() => findStopped(sql), "the long statement");
    const started = performance.now();
    running.child.kill(signal);
    const outcome = await running.done;
    // The statement would have taken a minute.
    expect(performance.now() - started).toBeLessThan(20_000);
    expect(outcome.code).toBe(exit);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      ok: false,
      exitCode: exit,
      result: {
        applied: [{ version: "001" }],
        failed: { file: "002_long.sql", statementsDone: 0 },
        notAttempted: ["003_next.sql"],
      },
      error: {
        code: "interrupted",
        message: "interrupted in 002_long.sql",
        notes: [
          "nothing of 002_long.sql was kept",
          "applied before it in this run: 001_first.sql",
          "not attempted: 003_next.sql",
        ],
      },
    });
    // At once, not a second later: the server was told, it did not have to notice.
    expect(await findStopped(sql)).toBeUndefined();
    expect(await countAdvisoryLocks(sql)).toBe(0);
    expect(await sql`select to_regclass('long') as long`).toEqual([{ long: null }]);
  },
);

test("a second SIGINT leaves at once, and the server notices", async () => {
  await using project = await withMigrations({
    "001_stubborn.sql": migration(
      // Catches whatever cancel requests come, and goes on.
      `do $$ begin
         for n in 1..10 loop
           begin
             perform pg_sleep(60);
             exit;
           exception when query_canceled then null;
           end;
         end loop;
       end $$;`,
      "select 1;",
    ),
  });
  const { sql } = project;
  const running = project.start(["migrate"]);
  await eventually(() => findStopped(sql), "the long statement");
  running.child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(running.child.exitCode).toBe(null);
  const started = performance.now();
  running.child.kill("SIGINT");
  expect((await running.done).code).toBe(130);
  expect(performance.now() - started).toBeLessThan(20_000);
  await eventually(async () => (await countAdvisoryLocks(sql)) === 0, "the lock to be free");
});

test("interrupted while waiting for the migration lock, and while waiting for a table", async () => {
  await using project = await withMigrations(files);
  const { sql } = project;
  const holder = project.start(["migrate"]);
  await eventually(() => findStopped(sql), "the long statement");
  const waiting = project.start(["migrate"]);
  await eventually(
    () => waiting.output.stderr.includes("waiting for the migration lock"),
    "the wait",
  );
  waiting.child.kill("SIGINT");
  const waited = await waiting.done;
  expect(waited.code).toBe(130);
  expect(waited.stderr).toContain(
    "error[interrupted]: interrupted while waiting for the migration lock",
  );
  holder.child.kill("SIGINT");
  await holder.done;
  await project.write("002_long.sql", migration("alter table first add x int;", "select 1;"));
  const blocker = await sql.reserve();
  await blocker.unsafe("begin");
  await blocker.unsafe("select from first");
  const blocked = project.start(["migrate", "--lock-timeout", "200ms"]);
  await eventually(() => blocked.output.stderr.includes("no lock, try 1"), "the first try");
  blocked.child.kill("SIGINT");
  const outcome = await blocked.done;
  expect(outcome.code).toBe(130);
  expect(outcome.stderr).toContain("nothing of 002_long.sql was kept");
  await blocker.unsafe("commit");
  blocker.release();
});

test("interrupted in a statement outside a transaction: the next run goes on", async () => {
  await using project = await withMigrations({
    "001_update.sql":
      "-- migrate:up transaction:false\ncreate table t as select 1 as id;\nupdate t set id = (select 2 from pg_sleep(60));\n-- migrate:down\nselect 1;\n",
  });
  const { sql } = project;
  const running = project.start(["migrate"]);
  await eventually(() => findStopped(sql), "the long statement");
  running.child.kill("SIGINT");
  const outcome = await running.done;
  expect(outcome.code).toBe(130);
  expect(outcome.stderr).toContain("statement 1 of 2 of 001_update.sql is done and stays");
  // The server confirmed the cancellation, so there is no doubt about what the UPDATE did.
  const dry = await project.run(["migrate", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.stdout).not.toMatch(/^create table t/m);
  expect(dry.stdout).toMatch(/^update t set id/m);
});

test("interrupted in an index build: the next run builds it anew", async () => {
  await using project = await withMigrations({
    "001_index.sql": migration("create index concurrently i on t (id);", "drop index i;"),
  });
  const { sql } = project;
  await sql`create table t as select 1 as id`;
  const blocker = await sql.reserve();
  await blocker.unsafe("begin");
  await blocker.unsafe("insert into t values (2)");
  const running = project.start(["migrate"]);
  await eventually(
    async () =>
      (await sql`select from pg_stat_progress_create_index where phase like 'waiting for writers%'`)
        .length > 0,
    "the build to wait",
  );
  await eventually(() => /waiting for pid \d+/.test(running.output.stderr), "progress");
  running.child.kill("SIGINT");
  expect((await running.done).code).toBe(130);
  await blocker.unsafe("commit");
  blocker.release();
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql`select indisvalid from pg_index where indexrelid = 'i'::regclass`).toEqual([
    { indisvalid: true },
  ]);
});
