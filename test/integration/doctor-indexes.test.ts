/** Indexes that are not valid, what to do about each, and those to be left alone. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { find, follow, interruptWhen, sessionOn } from "../support/doctor.ts";
import { eventually } from "../support/eventually.ts";

test("an index that a failed concurrent build left behind", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create schema "My Shop"; create table "My Shop"."Order" (code text);
    insert into "My Shop"."Order" values ('a'), ('a')`);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);

  await expect(
    sql.unsafe(`create unique index concurrently "Code!" on "My Shop"."Order" (code)`),
  ).rejects.toThrow(/could not create unique index/);
  const [finding, ...others] = await find(database, "doctor/index-invalid");
  expect(others).toEqual([]);
  expect(finding).toEqual({
    rule: "doctor/index-invalid",
    severity: "warning",
    object: '"My Shop"."Code!"',
    message:
      'index "My Shop"."Code!" on "My Shop"."Order" is invalid, left by a concurrent build that failed: no query uses it',
    hint: '`REINDEX INDEX CONCURRENTLY "My Shop"."Code!";`, or `DROP INDEX CONCURRENTLY "My Shop"."Code!";` if it is not wanted',
  });

  // The repair fails while the duplicates are there, and leaves a copy of its own.
  await expect(follow(sql, finding, (_, i) => i === 0)).rejects.toThrow(/could not create unique/);
  const both = await find(database, "doctor/index-invalid");
  expect(both.map(({ object }) => object)).toEqual([
    '"My Shop"."Code!"',
    '"My Shop"."Code!_ccnew"',
  ]);
  expect(both[1]?.message).toContain("is what an interrupted REINDEX CONCURRENTLY left behind");
  await follow(sql, both[1]);
  await sql.unsafe(`delete from "My Shop"."Order"`);
  await follow(sql, both[0], (_, i) => i === 0);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
});

test("an invalid index that writes keep up to date", async () => {
  await using database = await withDatabase();
  await database.sql`create table t (a int)`;
  const reader = sessionOn(database);
  await reader.unsafe("begin isolation level repeatable read; select 1");
  await interruptWhen(
    database,
    "create unique index concurrently t_a on t (a)",
    `select from pg_stat_progress_create_index
     where datname = current_database() and phase = 'waiting for old snapshots'`,
  );
  const [finding] = await find(database, "doctor/index-invalid");
  expect(finding?.message).toContain(
    "every write to public.t maintains it, it refuses duplicates, and no query uses it",
  );
  await reader.unsafe("rollback");
  await follow(database.sql, finding, (_, i) => i === 1);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
  await reader.end();
});

test("an index that is being built right now is not called broken", async () => {
  await using database = await withDatabase();
  await database.sql`create table t (a int)`;
  const blocker = sessionOn(database);
  const builder = sessionOn(database);
  await blocker.unsafe("begin; insert into t values (1)");
  const [self] = await builder<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const building = builder.unsafe("create index concurrently t_a on t (a)").execute();
  const finding = await eventually(
    async () => (await find(database, "doctor/index-building"))[0],
    "the build to begin",
  );
  expect(finding).toMatchObject({ severity: "info", object: "public.t_a" });
  expect(finding.message).toMatch(
    new RegExp(`^index public.t_a on public.t is being built by pid ${self?.pid} \\(waiting for`),
  );
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
  await blocker.unsafe("rollback");
  await building;
  expect(await find(database, "doctor/index-")).toEqual([]);
  await blocker.end();
  await builder.end();
});

test("a partitioned index lacks parts: the hint builds and attaches them", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int, b text) partition by range (a);
    create table "P one" partition of p for values from (0) to (10);
    create table p_two partition of p for values from (10) to (20)`);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
  await sql.unsafe("create unique index p_b on only p (a, lower(b))");
  const [finding, ...others] = await find(database, "doctor/index-invalid");
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    object: "public.p_b",
    message:
      'index public.p_b on the partitioned table public.p is invalid: public."P one", public.p_two have no valid part of it',
  });
  await follow(sql, finding);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
  expect(
    await sql`select count(*)::int as parts from pg_inherits where inhparent = 'p_b'::regclass`,
  ).toEqual([{ parts: 2 }]);
});

test("a partitioned index adopted an invalid part: the hint repairs both", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int, b int) partition by range (a);
    create table p_low partition of p for values from (0) to (10) partition by range (a);
    create table p_one partition of p_low for values from (0) to (5);
    insert into p values (1, 1);
    create function doubled(n int) returns int immutable language sql as 'select n / 0'`);
  await expect(sql.unsafe("create index concurrently one_b on p_one (doubled(b))")).rejects.toThrow(
    /division by zero/,
  );
  await sql.unsafe("create index p_b on p (doubled(b))");
  const findings = await find(database, "doctor/index-invalid");
  expect(findings.map(({ object, hint }) => [object, hint])).toEqual([
    [
      "public.one_b",
      "`REINDEX INDEX CONCURRENTLY public.one_b;`, or `DROP INDEX CONCURRENTLY public.one_b;` if it is not wanted",
    ],
    [
      "public.p_b",
      "first repair public.p_low_doubled_idx, then `ALTER INDEX public.p_b ATTACH PARTITION public.p_low_doubled_idx;`",
    ],
    [
      "public.p_low_doubled_idx",
      "`REINDEX INDEX CONCURRENTLY public.one_b;` `ALTER INDEX public.p_low_doubled_idx ATTACH PARTITION public.one_b;`",
    ],
  ]);
  await sql.unsafe(
    "create or replace function doubled(n int) returns int immutable language sql as 'select 2 * n'",
  );
  await follow(sql, findings[0], (_, i) => i === 0);
  const [, low] = await find(database, "doctor/index-invalid");
  expect(low?.message).toContain("nobody looked again since its last part became valid");
  await follow(sql, low);
  for (const finding of await find(database, "doctor/index-invalid")) await follow(sql, finding);
  expect(await find(database, "doctor/index-invalid")).toEqual([]);
});
