import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { findBuild } from "../../support/kill.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const alter = migration("alter table t add name text;", "alter table t drop column name;");
const quick = ["--lock-timeout", "300ms"];
const soon = { env: { PGWRIGHT_LOCK_BUDGET: "2s" } };

/** Somebody with an open transaction that has read the table, by the name of "report". */
async function holdTable({ sql }: MigrationProject) {
  const blocker = await sql.reserve();
  const [row] = await blocker.unsafe<{ pid: number }[]>("select pg_backend_pid() as pid");
  await blocker.unsafe("set application_name = 'report'");
  await blocker.unsafe("begin");
  await blocker.unsafe("select 'secret value', count(*) from t");
  return {
    pid: row?.pid ?? 0,
    async letGo() {
      await blocker.unsafe("commit");
      blocker.release();
    },
  };
}

/** Reads and writes the table all the time; `longest` is the longest a single one took. */
function useTable({ sql }: MigrationProject) {
  const over = new AbortController();
  let longest = 0;
  let count = 0;
  const work = (async () => {
    while (!over.signal.aborted) {
      const started = performance.now();
      await sql`update t set id = id + 1 where id = (select max(id) from t)`;
      longest = Math.max(longest, performance.now() - started);
      count += 1;
    }
  })();
  return {
    async stop() {
      over.abort();
      await work;
      return { longest, count };
    },
  };
}

async function withTable(files: Readonly<Record<string, string>>): Promise<MigrationProject> {
  const project = await withMigrations(files);
  await project.sql`create table t as select generate_series(1, 10) as id`;
  return project;
}

test("a reader in an open transaction: others go on, it is named, and then the work is done", async () => {
  await using project = await withTable({ "001_alter.sql": alter });
  const blocker = await holdTable(project);
  const others = useTable(project);
  const running = project.start(["migrate", ...quick]);
  const named = await eventually(
    () => /no lock, try \d+; blocked by (pid .*)/.exec(running.output.stderr)?.[1],
    "the blocker's name",
  );
  expect(named).toContain(`pid ${blocker.pid} (report), role `);
  expect(named).toContain("idle in transaction, transaction open for");
  expect(named).toContain("select");
  expect(running.output.stderr).not.toContain("secret value");
  const blocked = performance.now();
  await eventually(() => running.output.stderr.includes("try 3"), "the third try");
  const heldOn = performance.now() - blocked;
  await blocker.letGo();
  const outcome = await running.done;
  expect(outcome.stderr).toContain("✓ 001_alter.sql");
  expect(outcome.code).toBe(0);
  const { longest, count } = await others.stop();
  // One wait for a lock is 300 ms. Without the timeout they would have waited with the migration.
  expect(longest).toBeLessThan(heldOn);
  expect(count).toBeGreaterThan(10);
});

test("after the budget: exit 3 when nothing was committed, and how to go on", async () => {
  await using project = await withTable({
    "001_alter.sql": migration("select 1;\nalter table t add name text;", "select 1;"),
    "002_next.sql": migration("select 1;", "select 1;"),
  });
  const blocker = await holdTable(project);
  const outcome = await project.json(["migrate", ...quick], soon);
  expect(outcome.code).toBe(3);
  const { error, result } = outcome.body;
  expect(error.code).toBe("lock-timeout");
  expect(error.message).toMatch(/^001_alter\.sql did not get its lock in \d+ tries over 2 s$/);
  expect(error.notes).toEqual([
    "the statement: alter table t add name text",
    expect.stringContaining(`blocked by pid ${blocker.pid} (report)`),
    "nothing of 001_alter.sql was kept",
    "applied before it in this run: nothing",
    "not attempted: 002_next.sql",
  ]);
  expect(error.at).toMatchObject({ line: 3, column: 1 });
  expect(error.hint).toContain(`select pg_terminate_backend(${blocker.pid})`);
  expect(result).toMatchObject({
    applied: [],
    failed: { file: "001_alter.sql", statementsDone: 0 },
    notAttempted: ["002_next.sql"],
  });
  await blocker.letGo();
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("after the budget: exit 4 when an earlier file was committed", async () => {
  await using project = await withTable({
    "001_first.sql": migration("create table first (id int);", "drop table first;"),
    "002_alter.sql": alter,
  });
  const blocker = await holdTable(project);
  const outcome = await project.run(["migrate", ...quick], soon);
  expect(outcome.code).toBe(4);
  expect(outcome.stderr).toContain("error[lock-timeout]");
  expect(outcome.stderr).toContain("applied before it in this run: 001_first.sql");
  await blocker.letGo();
});

test("after the budget: exit 4 when a part of the same file was committed", async () => {
  await using project = await withTable({
    "001_alter.sql":
      "-- migrate:up transaction:false\ncreate table first (id int);\nalter table t add name text;\n-- migrate:down\nselect 1;\n",
  });
  const blocker = await holdTable(project);
  const outcome = await project.run(["migrate", ...quick], soon);
  expect(outcome.code).toBe(4);
  expect(outcome.stderr).toContain("statement 1 of 2 of 001_alter.sql is done and stays");
  await blocker.letGo();
  // A lock that could not be had is a reported failure: nothing is in doubt.
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("a budget of 0 is a single try", async () => {
  await using project = await withTable({ "001_alter.sql": alter });
  const blocker = await holdTable(project);
  const outcome = await project.run(["migrate", ...quick], { env: { PGWRIGHT_LOCK_BUDGET: "0" } });
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toContain("001_alter.sql did not get its lock in 1 try");
  expect(outcome.stderr).not.toContain("no lock, try");
  expect(outcome.stderr).toContain(`blocked by pid ${blocker.pid} (report)`);
  await blocker.letGo();
});

test("a rollback waits for its locks in the same way", async () => {
  await using project = await withTable({ "001_alter.sql": alter });
  await project.run(["migrate"]);
  const blocker = await holdTable(project);
  const outcome = await project.run(["rollback", ...quick], soon);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toContain(`blocked by pid ${blocker.pid} (report)`);
  expect(outcome.stderr).toContain("rolled back before it in this run: nothing");
  await blocker.letGo();
  expect((await project.run(["rollback"])).code).toBe(0);
});

test("a concurrent index build gives up waiting for writers before it begins, not after", async () => {
  await using project = await withTable({
    "001_index.sql": migration("create index concurrently i on t (id);", "drop index i;"),
  });
  const { sql } = project;
  const writer = await sql.reserve();
  await writer.unsafe("set application_name = 'import'");
  await writer.unsafe("begin");
  await writer.unsafe("insert into t values (11)");
  const outcome = await project.run(["migrate"], soon);
  // Not 3, which promises that nothing is left.
  expect(outcome.code).toBe(4);
  expect(outcome.stderr).toContain("the invalid index public.i stays");
  expect(outcome.stderr).toContain(
    "error[lock-timeout]: 001_index.sql waited 2 s for others to finish",
  );
  expect(outcome.stderr).toMatch(/blocked by pid \d+ \(import\)/);
  await writer.unsafe("commit");
  await writer.unsafe("begin isolation level repeatable read");
  await writer.unsafe("select from pg_class limit 1");
  const running = project.start(["migrate"], soon);
  await findBuild(sql, "waiting for old snapshots");
  await sleep(3000);
  expect(running.child.exitCode).toBe(null);
  await writer.unsafe("commit");
  writer.release();
  expect((await running.done).code).toBe(0);
  expect(await sql`select indisvalid from pg_index where indexrelid = 'i'::regclass`).toEqual([
    { indisvalid: true },
  ]);
});

test("timeouts of the role or the database do not break off a migration", async () => {
  await using project = await withTable({
    "001_slow.sql": migration("select pg_sleep(1.2);\nalter table t add name text;", "select 1;"),
    "002_alone.sql":
      "-- migrate:up transaction:false\nselect pg_sleep(1.2);\n-- migrate:down\nselect 1;\n",
  });
  const { sql } = project;
  const blocker = await holdTable(project);
  const [row] = await sql<{ version: number }[]>`
    select current_setting('server_version_num')::int as version`;
  const timeouts = [
    "statement_timeout",
    "idle_session_timeout",
    "idle_in_transaction_session_timeout",
    ...((row?.version ?? 0) >= 170000 ? ["transaction_timeout"] : []),
  ];
  for (const name of timeouts) {
    await sql.unsafe(`alter database "${project.database.name}" set ${name} = '400ms'`);
  }
  const running = project.start(["migrate", ...quick]);
  await eventually(() => running.output.stderr.includes("try 2"), "a pause between two tries");
  await blocker.letGo();
  const outcome = await running.done;
  expect(outcome.stderr).toContain("✓ 002_alone.sql");
  expect(outcome.code).toBe(0);
});
