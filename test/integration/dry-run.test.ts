/** What `--dry-run` prints changes nothing, and does the work when it is run by hand. */
import type postgres from "postgres";
import { expect, test } from "vitest";
import { migration, withMigrations } from "../support/migration-project.ts";

const table = migration("create table t (id int primary key);", "drop table t;");
const index = migration("create index t_id on t (id);", "drop index t_id;");

/** As `psql` would, in one session. */
async function execute(sql: postgres.Sql, text: string): Promise<void> {
  const session = await sql.reserve();
  await session.unsafe(text).simple();
  session.release();
}

const ledgerOf = "select version from schema_migrations order by version";

test("setup prints what is missing", async () => {
  await using project = await withMigrations({ "001_t.sql": table, "002_i.sql": index });
  const { sql } = project;
  const { code, stdout } = await project.run(["setup", "--dry-run"]);
  expect(code).toBe(0);
  expect(await sql`select to_regclass('t') as t, to_regclass('schema_migrations') as l`).toEqual([
    { t: null, l: null },
  ]);
  await execute(sql, stdout);
  expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
  expect((await project.run(["setup", "--dry-run"])).stdout).toBe("-- everything is in place\n");
});

test("setup prints the creation of a missing database, and what follows by name", async () => {
  await using project = await withMigrations({ "001_t.sql": table });
  const missing = new URL(project.database.url);
  missing.pathname += "_missing";
  const { code, stdout } = await project.run(["setup", "--dry-run"], { url: missing.href });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^CREATE DATABASE ".*_missing";\n-- then 001_t\.sql\n-- then what policies\/ declares\n$/,
  );
  const again = await project.run(["status"], { url: missing.href });
  expect(again.stderr).toContain("error[database-missing]");
});

test("redo prints down and up", async () => {
  await using project = await withMigrations({ "001_t.sql": table, "002_i.sql": index });
  await project.mustRun(["migrate"]);
  const { sql } = project;
  const oid = async () => (await sql`select 't_id'::regclass::oid::int as oid`)[0]?.["oid"];
  const before = await oid();
  const { code, stdout } = await project.run(["redo", "--dry-run"]);
  expect(code).toBe(0);
  expect(await oid()).toBe(before);
  await execute(sql, stdout);
  expect(await oid()).not.toBe(before);
  expect(await sql.unsafe(ledgerOf)).toEqual([{ version: "001" }, { version: "002" }]);
  expect(await sql`select direction from schema_migrations_log order by id desc limit 2`).toEqual([
    { direction: "up" },
    { direction: "down" },
  ]);
});

test("baseline proves, and prints what it would record", async () => {
  await using project = await withMigrations({ "001_t.sql": table });
  const { sql } = project;
  await sql`create table t (id int primary key)`;
  const { code, stdout } = await project.run(["baseline", "--at", "001", "--dry-run"]);
  expect(code).toBe(0);
  expect(await sql`select to_regclass('schema_migrations') as ledger`).toEqual([{ ledger: null }]);
  await execute(sql, stdout);
  expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
});

test("a baseline that is refused leaves no ledger behind", async () => {
  await using project = await withMigrations({ "001_t.sql": table });
  await project.sql`create table t (id bigint primary key)`;
  const { code, stderr } = await project.run(["baseline", "--at", "001"]);
  expect(code).toBe(4);
  expect(stderr).toContain("error[baseline-differs]");
  expect(await project.sql`select to_regclass('schema_migrations') as ledger`).toEqual([
    { ledger: null },
  ]);
});

test("db protect and db unprotect", async () => {
  await using project = await withMigrations({});
  const { sql } = project;
  const mark = await project.run(["db", "protect", "--dry-run", "--reason", "it's ours"]);
  expect(mark.code).toBe(0);
  expect(await sql`select to_regclass('pgwright.protection') as mark`).toEqual([{ mark: null }]);
  await execute(sql, mark.stdout);
  expect(await sql`select reason from pgwright.protection`).toEqual([{ reason: "it's ours" }]);
  const unmark = await project.run(["db", "unprotect", "--dry-run"]);
  expect(unmark.code).toBe(0);
  expect(await sql`select count(*)::int as n from pgwright.protection`).toEqual([{ n: 1 }]);
  await execute(sql, unmark.stdout);
  expect((await project.run(["db", "unprotect", "--dry-run"])).stdout).toBe(
    "-- it is not protected\n",
  );
});
