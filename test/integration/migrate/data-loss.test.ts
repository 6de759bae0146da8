import { expect, test } from "vitest";
import { withDatabase } from "../../support/database.ts";
import type { LossCase } from "../../support/loss-case.ts";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const cases: Record<string, LossCase> = {
  "a table with rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 3)",
    down: "drop table t;",
    losses: ["drops public.t: 3 rows"],
  },
  "an empty table": { up: "create table t (id int);", down: "drop table t;", losses: [] },
  "a table with many rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 100001)",
    down: "drop table if exists t, nothing;",
    losses: ["drops public.t: more than 100,000 rows"],
  },
  "a column with values": {
    up: "create table t (id int, name text, twice int generated always as (id * 2) stored);",
    meanwhile: "insert into t values (1, 'x'), (2, null)",
    down: "alter table t drop column name, drop column twice; select 1;",
    losses: ["drops public.t.name: 1 row"],
  },
  "a column without values": {
    up: "create table t (id int, name text);",
    meanwhile: "insert into t values (1, null)",
    down: "alter table only t drop column name;",
    losses: [],
  },
  "TRUNCATE with what refers to it": {
    up: "create table a (id int primary key); create table b (a int references a); create table c (id int);",
    meanwhile: "insert into a values (1); insert into b values (1)",
    down: "truncate a, c cascade;",
    losses: ["empties public.a: 1 row", "empties public.b: 1 row"],
  },
  "DELETE of some rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 10)",
    down: "delete from only t as x\nwhere x.id > 7 -- the last ones\n;",
    losses: ["deletes from public.t: 3 rows"],
  },
  "DELETE that finds nothing": {
    up: "create table t (id int);",
    meanwhile: "insert into t values (1)",
    down: "delete from t where id = 2;",
    losses: [],
  },
  "DELETE with more than a condition": {
    up: "create table t (id int); create table u (id int);",
    meanwhile: "insert into t values (1), (2)",
    down: "delete from t using u where t.id = u.id;",
    losses: ["deletes from public.t: 2 rows"],
  },
  "MERGE that deletes": {
    up: "create table t (id int); create table u (id int);",
    meanwhile: "insert into t values (1), (2); insert into u values (1)",
    down: `merge into t using u on t.id = u.id when matched then update set id = t.id;
           merge into t using u on t.id = u.id when matched and u.id = 1 then delete when not matched then do nothing;
           merge into u using t on t.id = u.id when not matched then insert values (t.id);`,
    losses: ["deletes from public.t: 2 rows"],
  },
  "DELETE in a WITH, even where the rows go elsewhere": {
    up: "create table t (id int); create table u (id int); create table v (id int);",
    meanwhile: "insert into t values (1), (2); insert into u values (1)",
    down: `with gone as (delete from t where id = 1 returning *) insert into v select * from gone;
           with gone as (delete from v returning 1), more as (delete from u returning id) select from more;`,
    losses: ["deletes from public.t: 2 rows", "deletes from public.u: 1 row"],
  },
  "DELETE through a view": {
    up: "create table t (id int); create view v as select * from t where id > 1;",
    meanwhile: "insert into t values (1), (2)",
    down: "delete from v where id < 9;",
    losses: ["deletes from public.v: 1 row"],
  },
  "what a function or a rule of the rollback contains is not run": {
    up: "create table t (id int); create table u (id int);",
    meanwhile: "insert into t values (1)",
    down: `create function f() returns void begin atomic delete from t; end;
           create rule r as on insert to u do also delete from t;`,
    losses: [],
  },
  "DROP TYPE CASCADE": {
    up: "create type mood as enum ('ok'); create table t (id int, m mood, ms mood[], n mood);",
    meanwhile: "insert into t values (1, 'ok', '{ok}', null)",
    down: "drop type mood cascade;",
    losses: ["drops public.t.m: 1 row", "drops public.t.ms: 1 row"],
  },
  "DROP DOMAIN CASCADE": {
    up: "create domain positive as int check (value > 0); create table t (id positive);",
    meanwhile: "insert into t values (1)",
    down: "drop domain positive cascade;",
    losses: ["drops public.t.id: 1 row"],
  },
  "an attribute of a type in use": {
    up: "create type place as (x int, y int); create table t (at place);",
    meanwhile: "insert into t values ((1, 2))",
    down: "alter type place drop attribute y cascade;",
    losses: ["drops public.t.at: 1 row"],
  },
  "an attribute that goes with its type": {
    up: `create type point_2 as (x int, y int); create type place as (name text, at point_2);
         create type trip as (start place, days int); create domain home as place;
         create table t (a place, many place[], trip trip, home home, other int);
         create table typed of place;`,
    meanwhile: `insert into t values (('a', (1, 2)), array[('a', (1, 2))::place], (('a', (1, 2)), 3), ('a', (1, 2)), 1);
         insert into typed values ('a', (1, 2))`,
    down: "drop type point_2 cascade;",
    losses: [
      "drops public.t.a: 1 row",
      "drops public.t.many: 1 row",
      "drops public.t.trip: 1 row",
      "drops public.t.home: 1 row",
      "drops public.typed.at: 1 row",
    ],
  },
  "an attribute that goes with the schema of its domain": {
    up: `create schema units; create domain units.metres as int; create type place as (name text, height units.metres);
         create table t (at place);`,
    meanwhile: "insert into t values (('a', 1))",
    down: "drop schema units cascade;",
    losses: ["drops public.t.at: 1 row"],
  },
  "an attribute that goes with its domain": {
    up: "create domain metres as int; create type place as (name text, height metres); create table t (at place);",
    meanwhile: "insert into t values (('a', 1))",
    down: "drop domain metres cascade;",
    losses: ["drops public.t.at: 1 row"],
  },
  "an attribute that goes with its collation": {
    up: `create collation mine (locale = 'C'); create type place as (name text collate mine, id int);
         create table t (at place);`,
    meanwhile: "insert into t values (('a', 1))",
    down: "drop collation mine cascade;",
    losses: ["drops public.t.at: 1 row"],
  },
  "DROP SCHEMA CASCADE, and what uses its types elsewhere": {
    up: `create schema "My app"; create table "My app".t (id int); create table "My app".empty ();
         create type "My app".mood as enum ('ok'); create table other (m "My app".mood);`,
    meanwhile: `insert into "My app".t values (1); insert into other values ('ok')`,
    down: 'drop schema "My app" cascade;',
    losses: ['drops "My app".t: 1 row', "drops public.other.m: 1 row"],
  },
  "DROP EXTENSION CASCADE": {
    up: "create extension citext; create table t (name citext);",
    meanwhile: "insert into t values ('x')",
    down: "drop extension citext cascade;",
    losses: ["drops public.t.name: 1 row"],
  },
  "a partitioned table": {
    up: `create table p (id int) partition by range (id);
         create table p1 partition of p for values from (0) to (10);
         create table p2 partition of p default;`,
    meanwhile: "insert into p values (1), (100)",
    down: "drop table p;",
    losses: ["drops public.p: 2 rows"],
  },
  "one partition": {
    up: `create table p (id int) partition by range (id);
         create table p1 partition of p for values from (0) to (10);`,
    meanwhile: "insert into p values (1)",
    down: "drop table p1;",
    losses: ["drops public.p1: 1 row"],
  },
  "a name that search_path decides": {
    up: "create schema app; create table app.t (id int); create table t (id int);",
    meanwhile: "insert into app.t values (1)",
    down: "set local search_path = app; drop table t;",
    losses: ["drops app.t: 1 row"],
  },
  "a table and a column that the rollback renames first": {
    up: "create table old (id int, name text); create table new (id int); create schema s;",
    meanwhile: "insert into old values (1, 'x')",
    down: `alter table old rename column name to nom;
           alter table old set schema s;
           alter table s.old rename to gone;
           alter table new rename to old;
           alter table s.gone drop column nom;
           drop table old;
           drop table s.gone;`,
    losses: ["drops public.old.name: 1 row", "drops public.old: 1 row"],
  },
  "a table that the rollback itself creates": {
    up: "create table t (id int);",
    meanwhile: "insert into t values (1)",
    down: "create table copy as select * from t; drop table copy;",
    losses: [],
  },
  "views, indexes and sequences hold nothing of their own": {
    up: `create table t (id int); create materialized view m as select * from t; create view v as select 1 as x;
         create index i on t (id); create sequence s;`,
    meanwhile: "insert into t values (1); refresh materialized view m",
    down: "drop index i; drop materialized view m; drop view v; drop sequence s;",
    losses: [],
  },
};

testLosses(cases);

test("a dry run says what would be refused, and prints what would run", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int); create table u ();",
      "drop table t; drop table u;",
    ),
  });
  await project.run(["migrate"]);
  await project.sql`insert into t values (1)`;
  const dry = await project.run(["rollback", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain("-- 001_t.sql, from the file\n");
  expect(dry.stdout).toContain("-- refused without --allow-data-loss: it drops public.t: 1 row\n");
  expect(dry.stdout).toMatch(/lock table u in access exclusive mode;[\s\S]*drop table u;/);
  const forced = await project.run(["rollback", "--dry-run", "--allow-data-loss"]);
  expect(forced.stdout).not.toContain("lock table");
  expect(await project.sql`select * from t`).toEqual([{ id: 1 }]);
});

test("one of several that would lose data stops them all, before anything runs", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int);", "drop table t;"),
    "002_u.sql": migration("create table u (id int);", "drop table u;"),
  });
  await project.run(["migrate"]);
  await project.sql`insert into t values (1)`;
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error.code).toBe("data-loss");
  expect(await project.sql`select count(*)::int from schema_migrations`).toEqual([{ count: 2 }]);
});

test("DROP DATABASE is a loss of all that is in it", async () => {
  await using other = await withDatabase();
  await using project = await withMigrations({
    "001_t.sql": `-- migrate:up
create table t (id int);
-- migrate:down transaction:false
drop database if exists "${other.name} too";
drop database "${other.name}";
`,
  });
  await project.mustRun(["migrate"]);
  const back = await project.json(["rollback"]);
  expect(back.code).toBe(4);
  expect(back.body.error.notes).toEqual([
    `001_t.sql drops "${other.name}": a whole database`,
    "nothing was rolled back",
  ]);
  expect(await other.sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("what code deletes cannot be seen, which is said once for a file", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      `create table t (id int);
       create function look() returns bigint stable return (select count(*) from t);
       create function "purge\nall"() returns void language sql as 'delete from t';
       create procedure clean() language sql as 'delete from t';`,
      `do 'begin call clean(); end'; do 'begin end';
       call public.clean();
       select "purge\nall"(), look(), now(), setval(pg_get_serial_sequence('t', 'id'), 1) from t;`,
    ),
    "002_u.sql": migration("select 1;", "select look(), random();"),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1)`;
  const said = (name: string) =>
    `what its DO block and public.clean() and ${name}() delete or change cannot be seen beforehand`;
  const dry = await project.run(["rollback", "--all", "--dry-run"]);
  expect(dry.stdout).toContain(`-- 001_t.sql, from the file\n-- ${said('"purge all"')}\n`);
  expect(dry.stdout.match(/seen beforehand/g)).toHaveLength(1);
  const back = await project.run(["rollback", "--all"]);
  expect(back.code).toBe(0);
  expect(back.stderr.match(/seen beforehand/g)).toHaveLength(1);
  expect(back.stderr).toContain("001_t.sql: what its DO block and public.clean() and ");
  expect(await project.sql`select * from t`).toEqual([]);
});

test("a DO block that says what it takes is a loss of unknown size, unless it is allowed", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int);",
      `select 1;
do $$ begin
  delete from t;
  execute format('drop table %I', 't');
end $$;`,
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1)`;
  const words =
    "runs the DO block in line 5: what its DELETE (line 6) and DROP TABLE (line 7) take cannot be counted";
  const dry = await project.run(["rollback", "--dry-run"]);
  expect(dry.stdout).toContain(`-- refused without --allow-data-loss: it ${words}\n`);
  const refused = await project.json(["rollback"]);
  expect(refused.code).toBe(4);
  expect(refused.body.error).toMatchObject({
    code: "data-loss",
    notes: [`001_t.sql ${words}`, "nothing was rolled back"],
  });
  const kept = await project.json(["rollback", "--keep-data"]);
  expect(kept.body.error.notes[0]).toBe(`001_t.sql ${words}, which cannot be kept: it is code`);
  expect(await project.sql`select id from t`).toEqual([{ id: 1 }]);
  const allowed = await project.json(["rollback", "--allow-data-loss"]);
  expect(allowed.body.result.rolledBack[0].losses).toMatchObject([{ verb: "runs", rows: null }]);
});
