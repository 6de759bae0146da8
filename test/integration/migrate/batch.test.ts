/**
 * From the eleventh file of a run on, several files go in one message. Whoever watches must not be
 * able to tell, whatever goes wrong in the middle of such a message.
 */
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { findStopped } from "../../support/kill.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const count = 40;
const nameOf = (number: number) => `${String(number).padStart(3, "0")}_step.sql`;

/** Forty files that each add a row to `steps`; `special` replaces what some of them do. */
function steps(special: Readonly<Record<number, string>>): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => i + 1).map((number) => [
      nameOf(number),
      migration(
        special[number] ?? `insert into steps values (${number});`,
        `delete from steps where number = ${number};`,
      ),
    ]),
  );
}

async function withSteps(special: Readonly<Record<number, string>> = {}) {
  const project = await withMigrations(steps(special));
  await project.sql`create table steps (number int, at timestamptz default clock_timestamp())`;
  return project;
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => ({ number: i + 1 }));

test("each file is a transaction and a line of its own, with its own duration", async () => {
  await using project = await withSteps({
    29: "insert into steps values (29); select pg_sleep(0.2);",
    30: "do $$ begin raise notice 'thirty'; end $$; insert into steps values (30);",
    33: "insert into steps values (33); do $$ begin execute 'reset all'; end $$;",
  });
  const { sql } = project;
  const { code, stderr } = await project.run(["migrate"]);
  expect(code).toBe(0);
  const shown = [...stderr.matchAll(/✓ (\d+)_step\.sql/g)].map(([, number]) => Number(number));
  expect(shown).toEqual(upTo(count).map(({ number }) => number));
  expect(stderr.match(/thirty/g)).toHaveLength(1);
  expect(stderr.indexOf("030_step.sql: thirty")).toBeGreaterThan(stderr.indexOf("✓ 029"));
  expect(await sql`select number from steps order by at`).toEqual(upTo(count));
  expect(
    await sql`select count(distinct xmin::text)::int as transactions from schema_migrations`,
  ).toEqual([{ transactions: count }]);
  // now() is the same for every transaction of a message: durations must not grow along it.
  const [durations] = await sql`
    select max(duration_ms) filter (where version = '029') >= 200 as "isSlow",
      min(duration_ms) filter (where version > '029') < 200 as "isOver", min(duration_ms) >= 0 as "isTime"
    from schema_migrations_log`;
  expect(durations).toEqual({ isSlow: true, isOver: true, isTime: true });
});

test("a statement that fails is named, with its place; what was before it stays", async () => {
  await using project = await withSteps({
    25: "insert into steps values (25);\nselect 1 / (select 0);",
  });
  const { body, code } = await project.json(["migrate"]);
  expect(code).toBe(4);
  expect(body.error).toMatchObject({ code: "sql-failed", message: "division by zero" });
  expect(body.error.at).toMatchObject({ line: 3 });
  expect(body.error.at.file).toContain("025_step.sql");
  expect(await project.sql`select number from steps order by at`).toEqual(upTo(24));
  expect((await project.json(["status"])).body.result.counts).toEqual({ applied: 24, pending: 16 });
  await project.write(nameOf(25), migration("insert into steps values (25);", "select 1;"));
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await project.sql`select number from steps order by at`).toEqual(upTo(count));
});

test("COMMIT itself fails: nothing of the file stays, nothing after it runs", async () => {
  await using project = await withSteps({
    26: "insert into later values (26);",
  });
  await project.sql.unsafe(
    "create table parent (id int primary key); create table later (id int references parent initially deferred)",
  );
  const { code, stderr } = await project.run(["migrate"]);
  expect(code).toBe(4);
  expect(stderr).toContain("violates foreign key constraint");
  expect(stderr).toContain("026_step.sql");
  expect(await project.sql`select max(number) as last, count(*)::int as n from steps`).toEqual([
    { last: 25, n: 25 },
  ]);
});

test("a table lock that another holds is waited for, and the file is named", async () => {
  await using project = await withSteps({
    27: "insert into steps values (27); alter table busy add b int;",
  });
  const { sql } = project;
  await sql`create table busy (a int)`;
  const blocker = await sql.reserve();
  await blocker.unsafe("begin; select from busy");
  const running = project.start(["migrate", "--lock-timeout", "100ms"]);
  await eventually(async () => running.output.stderr.includes("027_step.sql: no lock"), "a retry");
  await blocker.unsafe("commit");
  blocker.release();
  expect((await running.done).code).toBe(0);
  expect(await sql`select number from steps order by at`).toEqual(upTo(count));
});

test("Ctrl-C stops in the file that runs", async () => {
  await using project = await withSteps({
    28: "insert into steps values (28); select pg_sleep(60);",
  });
  const running = project.start(["migrate"]);
  await eventually(() => findStopped(project.sql), "the slow file");
  running.child.kill("SIGINT");
  const { code, stderr } = await running.done;
  expect(code).toBe(130);
  expect(stderr).toContain("interrupted in 028_step.sql");
  expect(await project.sql`select number from steps order by at`).toEqual(upTo(27));
});

test("a backend that is gone: the next run goes on behind what was committed", async () => {
  await using project = await withSteps({
    31: "insert into steps values (31); select pg_sleep(60);",
  });
  const { sql } = project;
  const running = project.start(["migrate"]);
  const worker = await eventually(() => findStopped(sql), "the slow file");
  await sql`select pg_terminate_backend(${worker.pid})`;
  const { code, stderr } = await running.done;
  expect(code).toBe(4);
  expect(stderr).toContain("error[connection-lost]");
  await project.write(nameOf(31), migration("insert into steps values (31);", "select 1;"));
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql`select number from steps order by at`).toEqual(upTo(count));
});

test("all commits but the last leave the disk to that one", async () => {
  await using project = await withSteps();
  const { stdout } = await project.run(["migrate", "--dry-run"]);
  expect(stdout.match(/set local synchronous_commit = off/g)).toHaveLength(count - 1);
  expect(stdout.lastIndexOf("synchronous_commit")).toBeLessThan(stdout.indexOf("-- 040_step.sql"));
});
