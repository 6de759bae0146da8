import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../src/db/script.ts";
import { segment } from "../../src/migrate/segment.ts";
import { withDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

// SQLSTATE active_sql_transaction: what PreventInTransactionBlock() raises.
const notInTransaction = "25001";

let database: TestDatabase;

beforeAll(async () => {
  await loadParser();
  database = await withDatabase();
  await database.sql.unsafe(`
    create table t (id int primary key, a int);
    create index i on t (a);
    alter table t cluster on i;
    create table p (id int, a int) partition by list (id);
    create table p1 partition of p for values in (1);
    create index pi on p (id);
    create schema s;
    create materialized view m as select 1 as x;
    create unique index on m (x);
    create procedure pr() language plpgsql as 'begin perform 1; end';
    create subscription "pgwright segment" connection 'dbname=x' publication x with (connect = false)`);
});

afterAll(async () => {
  await database.sql.unsafe(`
    alter subscription "pgwright segment" set (slot_name = none);
    drop subscription "pgwright segment"`);
  await database[Symbol.asyncDispose]();
});

/** The SQLSTATE with which the server refuses a statement inside BEGIN … ROLLBACK. */
async function stateInTransaction(statement: string): Promise<string | undefined> {
  const connection = await database.sql.reserve();
  try {
    await connection.unsafe("begin").simple();
    await connection.unsafe(statement).simple();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await connection.unsafe("rollback").simple();
    connection.release();
  }
}

function isAlone(statement: string): boolean {
  const [run] = segment(parseScript(statement), true);
  return run?.kind === "alone";
}

/** Statements on which the server of any supported version must agree with us. */
const statements = [
  "create index concurrently on t (a)",
  "create index concurrently ix on t (a)",
  "create unique index concurrently if not exists ix on t (id)",
  "create index on t (a)",
  "drop index concurrently i",
  "drop index i",
  "reindex table p",
  "reindex index pi",
  "reindex schema s",
  'reindex database "$database"',
  'reindex system "$database"',
  "reindex (concurrently) table t",
  "reindex table concurrently t",
  "vacuum",
  "vacuum t",
  "vacuum (analyze) t",
  "vacuum full t",
  "analyze",
  "analyze t",
  "cluster",
  "cluster p using pi",
  "alter system set work_mem = '4MB'",
  "alter system reset all",
  'create database "pgwright segment"',
  'drop database "pgwright segment"',
  'drop database if exists "pgwright segment"',
  'alter database "$database" set tablespace pg_default',
  "alter database \"$database\" set work_mem = '5MB'",
  'alter database "$database" with connection limit 100',
  'alter database "$database" refresh collation version',
  "create tablespace x location '/nonexistent'",
  "drop tablespace x",
  "alter table p detach partition p1",
  "alter table p detach partition p1 concurrently",
  "refresh materialized view m",
  "refresh materialized view concurrently m",
  "create subscription x connection 'host=127.0.0.1 port=1' publication x",
  "create subscription x connection 'dbname=x' publication x with (connect = false)",
  'alter subscription "pgwright segment" set (synchronous_commit = off)',
  "alter subscription \"pgwright segment\" connection 'dbname=y'",
  'drop subscription "pgwright segment"',
  "discard all",
  "discard plans",
  "alter table all in tablespace pg_default set tablespace pg_default",
  "create extension if not exists plpgsql",
  "create statistics st on id, a from t",
  "truncate t",
  "lock table t",
  "call pr()",
  "do 'begin perform 1; end'",
];

describe("segment", () => {
  test.each(statements)("the server agrees about: %s", async (template) => {
    const statement = template.replace("$database", database.name);
    const state = await stateInTransaction(statement);
    expect(isAlone(statement)).toBe(state === notInTransaction);
  });

  // Whether these are refused depends on what is in the database; alone they always work.
  test.each(["reindex table t", "reindex index i", "cluster t using i"])(
    "%s runs alone although this server would not need it",
    async (statement) => {
      expect(await stateInTransaction(statement)).toBeUndefined();
      expect(isAlone(statement)).toBe(true);
    },
  );
});

describe("a new enum value", () => {
  const uses = [
    "select 'calm'::mood",
    "select '{sad,calm}'::mood[]",
    "alter table moods alter m set default 'calm'",
    "alter table moods add check (m <> 'calm')",
    "create index on moods (m) where m = 'calm'",
    "create view v as select 'calm'::mood as m",
    "insert into moods values ('calm')",
    "do $$ begin insert into moods values ('calm'); end $$",
    "create function f() returns mood language sql as $$ select 'calm'::mood $$",
  ];

  test.each(uses)("cannot be used in its transaction, and works in runs: %s", async (use) => {
    await using fresh = await withDatabase();
    await fresh.sql.unsafe("create type mood as enum ('sad'); create table moods (m mood)");
    const script = `alter type mood add value 'calm'; ${use}`;
    // 55P04 unsafe_new_enum_value_usage
    await expect(fresh.sql.unsafe(script).simple()).rejects.toMatchObject({ code: "55P04" });
    for (const run of segment(parseScript(script), true)) {
      if (run.kind === "alone") throw new Error("nothing here runs alone");
      await fresh.sql.unsafe(run.statements.map(({ text }) => `${text};`).join("\n")).simple();
    }
    const [row] = await fresh.sql`select enum_range(null::mood)::text as range`;
    expect(row).toEqual({ range: "{sad,calm}" });
  });
});
