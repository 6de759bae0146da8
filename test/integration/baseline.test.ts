/** Taking over an existing database: the proof touches nothing but its throwaway copy. */
import postgres from "postgres";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { migration, withMigrations } from "../support/migration-project.ts";
import { serverUrl } from "../support/database.ts";

const at = ["baseline", "--at", "001"];

function openServer() {
  return postgres(serverUrl(), { max: 1, onnotice: () => {} });
}

/** The throwaway database in which a proof stands still. */
async function findCopy(server: postgres.Sql): Promise<string | undefined> {
  const [row] = await server<{ name: string }[]>`
    select datname as name from pg_stat_activity
    where datname like 'pgwright_baseline_%' and wait_event = 'PgSleep'`;
  return row?.name;
}

test("what reaches beyond a database is not run for the proof, and said", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      `create role pgwright_baseline_role; alter role pgwright_baseline_role connection limit 3;
       create table t (id int); grant select on t to pgwright_baseline_role;
       drop database if exists pgwright_baseline_victim; alter system set work_mem = '7MB';
       comment on role pgwright_baseline_role is 'from the file';`,
      "drop table t; drop role pgwright_baseline_role;",
    ),
  });
  const { sql } = project;
  const server = openServer();
  await server`create database pgwright_baseline_victim`;
  await sql.unsafe("create role pgwright_baseline_role connection limit 50");
  try {
    await sql.unsafe("create table t (id int); grant select on t to pgwright_baseline_role");
    const { code, stderr } = await project.run(at);
    expect(code).toBe(0);
    expect(stderr).toContain("reaches beyond the throwaway database: drop database if exists");
    expect(stderr.match(/reaches beyond/g)).toHaveLength(5);
    expect(
      await server`select datname from pg_database where datname = 'pgwright_baseline_victim'`,
    ).toHaveLength(1);
    expect(
      await server`
        select rolconnlimit as limit, shobj_description(oid, 'pg_authid') as comment
        from pg_roles where rolname = 'pgwright_baseline_role'`,
    ).toEqual([{ limit: 50, comment: null }]);
    expect(
      await server`select setting from pg_file_settings where name = 'work_mem'`,
    ).not.toContainEqual({ setting: "7MB" });
    expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
  } finally {
    await sql.unsafe("drop table t; drop role pgwright_baseline_role");
    await server`drop database pgwright_baseline_victim`;
    await server.end();
  }
});

test("files that cannot build an empty database: a failure of the proof, with its place", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int);\nselect * from nowhere;", "drop table t;"),
  });
  await project.sql`create table t (id int)`;
  const { body, code } = await project.json(at);
  expect(code).toBe(4);
  expect(body.error).toMatchObject({
    code: "baseline-refused",
    sqlstate: "42P01",
    notes: ["nothing was recorded; the throwaway database is gone"],
  });
  expect(body.error.at).toMatchObject({ line: 3, column: 15 });
  expect(body.error.hint).not.toContain("pgwright migrate");
});

test("a copy that a killed proof left goes with the next one, one at work stays", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int); select pg_sleep(60);", "drop table t;"),
  });
  const server = openServer();
  const running = project.start(at);
  const copy = await eventually(() => findCopy(server), "the proof at work");
  const isThere = async () =>
    (await server`select from pg_database where datname = ${copy}`).length === 1;
  await project.write("001_t.sql", migration("create table t (id int);", "drop table t;"));
  await project.sql`create table t (id int)`;
  // Another proof, while the first one is at work.
  expect((await project.run([...at, "--dry-run"])).code).toBe(0);
  expect(await isThere()).toBe(true);
  running.child.kill("SIGKILL");
  await running.done;
  await eventually(async () => {
    await project.run([...at, "--dry-run"]);
    return !(await isThere());
  }, "the leftover to go");
  await server.end();
});
