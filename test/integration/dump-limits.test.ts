import { expect, test } from "vitest";
import { PgwrightError } from "../../src/errors.ts";
import { fingerprint } from "../../src/schema/dump.ts";
import { connectTo } from "../support/connection.ts";
import { withDatabase } from "../support/database.ts";
import { withRole } from "../support/doctor.ts";
import { dump, load, withFixtureRoles } from "../support/dump.ts";

/** What a dump of this schema is refused for. */
async function refusals(sql: string): Promise<readonly string[]> {
  await using database = await withDatabase();
  await load(database, sql);
  const error: unknown = await dump(database).then(
    ({ sql: text }) => new Error(`not refused:\n${text}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PgwrightError)) throw error;
  expect(error.code).toBe("dump-unsupported");
  expect(error.message).toContain("pgwright cannot dump");
  return error.details.notes ?? [];
}

test("objects that cannot be made again are refused, all of them by name", async () => {
  expect(
    await refusals(
      `create schema s; create extension hstore;
       create type s.base;
       create function s.base_in(cstring) returns s.base language internal immutable strict as 'textin';
       create function s.base_out(s.base) returns cstring language internal immutable strict as 'textout';
       create type s.base (input = s.base_in, output = s.base_out, like = text);
       create type s.shell;
       create access method heap2 type table handler heap_tableam_handler;
       create text search template s.tmpl (lexize = dsimple_lexize);
       create text search parser s.prs (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
       create function s.to_pl(internal) returns internal language internal immutable strict as 'prsd_lextype';
       create transform for hstore language plpgsql (from sql with function s.to_pl(internal))`,
    ),
  ).toEqual([
    "access method heap2",
    "text search parser s.prs",
    "text search template s.tmpl",
    "transform for public.hstore language plpgsql",
    "type s.base",
    "type s.shell",
  ]);
});

test("a subscription is refused: its connection string can hold a password", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create subscription "my sub" connection 'host=nowhere password=hunter2' publication p
       with (connect = false, slot_name = none, enabled = false, create_slot = false)`,
  );
  const error: unknown = await dump(database).catch((thrown: unknown) => thrown);
  // A database with a subscription cannot be dropped.
  await load(database, `drop subscription "my sub"`);
  expect(error).toMatchObject({ details: { notes: ["subscription my sub"] } });
  expect(JSON.stringify(error)).not.toContain("hunter2");
});

test("objects put into pg_catalog, and disabled foreign keys, are refused", async () => {
  expect(
    await refusals(
      `create function pg_catalog.mine() returns integer language sql as 'select 1';
       create table a (id integer primary key, up integer references a);
       alter table a disable trigger all`,
    ),
  ).toEqual([
    "disabled foreign key triggers of public.a (ALTER TABLE … ENABLE TRIGGER ALL would enable them)",
    "function mine()",
  ]);
});

test("a circle that cannot be cut is refused", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create table t (id integer);
     create function f(integer) returns integer language sql immutable as 'select 1';
     create table g (id integer, twice integer generated always as (f(id)) stored);
     create or replace function f(integer) returns integer language sql immutable
       begin atomic select count(*)::integer from g; end`,
  );
  await expect(dump(database)).rejects.toMatchObject({
    code: "dump-unsupported",
    message: expect.stringContaining("circle") as string,
    details: { notes: ["function public.f(integer)", "table public.g"] },
  });
});

test("what is left out on purpose is told", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create extension postgres_fdw;
     create server s foreign data wrapper postgres_fdw;
     create user mapping for current_user server s options (user 'u', password 'hunter2');
     create user mapping for public server s;
     create table t (a integer); insert into t values (1), (1)`,
  );
  await using session = await connectTo(database.url);
  await expect(session.query("create unique index concurrently i on t (a)")).rejects.toThrow(
    "could not create unique index",
  );
  const { sql, findings } = await dump(database);
  expect(findings.map(({ rule, object }) => [rule, object])).toEqual([
    ["dump/invalid-index", "public.i"],
    ["dump/user-mapping", "s"],
    ["dump/user-mapping", "s"],
  ]);
  expect(sql + JSON.stringify(findings)).not.toContain("hunter2");
  expect(sql).not.toContain("INDEX i ");
});

test("temporary objects of any session are no part of the schema", async () => {
  await using database = await withDatabase();
  const { sql } = await dump(database);
  await using other = await connectTo(database.url);
  await other.script(
    `create temp table tt (id serial primary key, x text check (x <> ''));
     create temp view tv as select * from tt; create temp sequence ts;
     create index on tt (x); create type pg_temp.te as enum ('a');
     create function pg_temp.tf() returns integer language sql as 'select 1';
     comment on table tt is 'x'; comment on column tt.x is 'y'; grant select on tt to public`,
  );
  expect((await dump(database)).sql).toBe(sql);
});

const ledgerSql = `
  create table "Ledger"."Schema Migrations" (version varchar(255) primary key,
    applied_at timestamptz default now(), checksum varchar(64), description text);
  create table "Ledger"."Schema Migrations_log" (id bigint generated always as identity primary key, x text);
  create index on "Ledger"."Schema Migrations_log" (x);
  comment on table "Ledger"."Schema Migrations_log" is 'log';
  create schema pgwright; comment on schema pgwright is 'state';
  create table pgwright.protection (id integer primary key, name text unique, up integer references pgwright.protection);
  create function pgwright.f() returns integer language sql as 'select 1';
  grant select on pgwright.protection to public;
  insert into "Ledger"."Schema Migrations" values
    ('10', now(), 'abc', 'ten'), ('9', now(), null, 'it''s \\ nine'), ('0011', now(), 'x', null)`;

test("the ledger's rows are part of the dump, our other state is not", async () => {
  await using database = await withDatabase();
  await load(database, `create schema "Ledger"; ${ledgerSql}`);
  const ledger = { schema: "Ledger", table: "Schema Migrations" };
  const { sql } = await dump(database, { ledger });
  expect(sql).toContain(
    `INSERT INTO "Ledger"."Schema Migrations" (version, checksum, description) VALUES\n` +
      `    ('9', NULL, E'it''s \\\\ nine'),\n    ('10', 'abc', 'ten'),\n    ('0011', 'x', NULL);`,
  );
  expect(sql).not.toContain("pgwright.");
  expect(sql).not.toContain("SCHEMA pgwright");
  expect(sql).not.toContain("_log");
  await using copy = await withDatabase();
  await load(copy, sql);
  expect((await dump(copy, { ledger })).sql).toBe(sql);

  await using bare = await withDatabase();
  await load(bare, `create schema "Ledger"`);
  await using one = await connectTo(database.url);
  await using two = await connectTo(bare.url);
  const without = { ledger: { ...ledger, content: "none" } } as const;
  expect(await fingerprint(one, without)).toBe(await fingerprint(two, without));
  expect(await fingerprint(one, { ledger })).not.toBe(await fingerprint(two, { ledger }));
  expect(await fingerprint(one)).toMatch(/^[0-9a-f]{64}$/);
});

test("a database without a ledger, or with another tool's, is dumped like any other", async () => {
  await using database = await withDatabase();
  const ledger = { schema: "public", table: "schema_migrations" };
  const { sql } = await dump(database);
  expect((await dump(database, { ledger })).sql).toBe(sql);
  await load(
    database,
    "create table schema_migrations (version text); insert into schema_migrations values ('1')",
  );
  expect((await dump(database, { ledger })).sql).toContain("CREATE TABLE public.schema_migrations");
  expect((await dump(database, { ledger })).sql).not.toContain("INSERT");
});

test("what needs our own state is refused, or the dump would not load", async () => {
  expect(
    await refusals(
      `create schema pgwright; create function pgwright.f() returns trigger language plpgsql as 'begin end';
       create table t (id integer);
       create trigger g before insert on t for each row execute function pgwright.f()`,
    ),
  ).toEqual(["trigger g on public.t, which needs function pgwright.f() of pgwright itself"]);
});

test("owners can be left out", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create table t (id serial); create function f() returns integer language sql as 'select 1';
     create type e as enum (); create view v as select 1 as x; create schema s; create publication p;
     alter schema public owner to pg_monitor; alter table t owner to pg_monitor; revoke select on t from pg_monitor`,
  );
  const { sql } = await dump(database, { omitOwners: true });
  expect(sql).not.toContain("OWNER");
  expect(sql).not.toContain("pg_monitor");
  expect((await dump(database)).sql).toContain("ALTER TABLE public.t OWNER TO pg_monitor;");
});

test("extensions come without version, and only with a comment of our own", async () => {
  await using database = await withDatabase();
  await load(
    database,
    "create extension citext; create extension hstore; comment on extension hstore is null",
  );
  const { sql } = await dump(database);
  expect(sql).toContain(
    "CREATE EXTENSION citext WITH SCHEMA public;\nCREATE EXTENSION hstore WITH SCHEMA public;\nCOMMENT ON EXTENSION hstore IS NULL;",
  );
  expect(sql).not.toMatch(/version|PostgreSQL \d/i);
});

test("a dump of an interrupted session says so", async () => {
  await using database = await withDatabase();
  await using session = await connectTo(database.url);
  const { dumpSchema } = await import("../../src/schema/dump.ts");
  const pid = session.server.pid;
  await database.sql.unsafe(`select pg_terminate_backend(${pid})`);
  await expect(dumpSchema(session)).rejects.toMatchObject({ code: "connection-lost" });
});

test("a partition that is being detached is refused", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create table p (a integer) partition by list (a); create table p1 partition of p for values in (1)`,
  );
  await using reader = await connectTo(database.url);
  await reader.script("begin; select * from p");
  await using detacher = await connectTo(database.url);
  await detacher.script("set statement_timeout = '300ms'");
  await expect(detacher.query("alter table p detach partition p1 concurrently")).rejects.toThrow(
    "statement timeout",
  );
  await expect(dump(database)).rejects.toMatchObject({
    details: { notes: ["public.p1, a partition whose DETACH CONCURRENTLY was not finished"] },
  });
});

test("privileges on what has no DDL of its own are refused", async () => {
  expect(
    await refusals(
      `create type r as range (subtype = float8);
       revoke execute on function r(float8, float8) from public`,
    ),
  ).toEqual(["privileges on FUNCTION public.r(double precision, double precision)"]);
});

test("an ordinary role dumps the same, and is told where it may not read the ledger", async () => {
  await using role = await withRole();
  await using roles = await withFixtureRoles();
  await using database = await withDatabase();
  await load(database, await roles.read("shop"));
  await load(
    database,
    "create table public.schema_migrations (version text, applied_at timestamptz, checksum text, description text)",
  );
  const url = new URL(database.url);
  url.username = role.name;
  url.password = role.password;
  await using session = await connectTo(url.href);
  const { dumpSchema } = await import("../../src/schema/dump.ts");
  expect((await dumpSchema(session)).sql).toBe((await dump(database)).sql);
  const ledger = { schema: "public", table: "schema_migrations" };
  await expect(dumpSchema(session, { ledger })).rejects.toMatchObject({
    code: "sql-failed",
    message: "the schema cannot be read: permission denied for table schema_migrations",
  });
  // The session is usable afterwards.
  expect(await session.one("select current_setting('search_path') as path")).not.toEqual({
    path: "",
  });
});
