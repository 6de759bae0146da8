/** Values that do not survive when a rollback gives their column another type. */
import { expect, test } from "vitest";
import type { LossCase } from "../../support/loss-case.ts";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const cases: Record<string, LossCase> = {
  "numbers that are rounded": {
    up: "create table t (n numeric(10, 2), safe numeric, big bigint);",
    meanwhile: "insert into t values (1.00, 1.50, 1), (2.50, 2.5, 2), (null, null, null)",
    down: "alter table t alter n type integer, alter column safe type numeric(5, 2), alter big set data type smallint;",
    losses: ["changes values of public.t.n: 1 row"],
  },
  "times that become days": {
    up: "create table t (at timestamptz);",
    meanwhile: "insert into t values ('2024-05-06'), ('2024-05-06 07:08')",
    down: "alter table t alter at type date;",
    losses: ["changes values of public.t.at: 1 row"],
  },
  "texts that are cut, by an expression with commas, comments and wide characters": {
    up: 'create table "Größe 😀" ("é" text collate "C", c text);',
    meanwhile: `insert into "Größe 😀" values ('abcdef', 'x'), ('abc', 'y')`,
    down: `alter table "Größe 😀" /* é */ alter "é" type varchar(3) collate "C" -- é
      using left("é", 3 /* , */)::varchar(3) -- 😀, using
      , alter c type varchar(20) using (c || $$, é$$)::varchar(20);`,
    losses: [
      'changes values of public."Größe 😀"."é": 1 row',
      'changes values of public."Größe 😀".c: 2 rows',
    ],
  },
  "a table and a column that are renamed before": {
    up: "create table old (id int, name text);",
    meanwhile: "insert into old values (1, 'Ann'), (2, 'bob')",
    down: `alter table old rename column name to nom;
           alter table old rename to new;
           alter table new alter nom type text using lower(new.nom);`,
    losses: ["changes values of public.old.name: 1 row"],
  },
  "values that become null, where nothing leads back": {
    up: "create table t (at date, n int);",
    meanwhile: "insert into t values ('2024-05-06', 1), (null, 2)",
    down: "alter table t alter at type int using null, alter n type date using date '2024-01-01' + n;",
    losses: ["changes values of public.t.at: 1 row"],
  },
  "values that cannot be read back": {
    up: "create table t (n int);",
    meanwhile: "insert into t values (1)",
    down: "alter table t alter n type text using 'n' || n;",
    losses: [
      'changes values of public.t.n: not counted: invalid input syntax for type integer: "n1"',
    ],
  },
  "an enum without one of its values, by way of the old name": {
    up: "create type mood as enum ('ok', 'sad', 'new'); create table t (m mood, ms mood[]); create type old_mood as enum ('ok', 'sad');",
    meanwhile: "insert into t values ('ok', '{ok}'), ('new', '{new, ok}')",
    down: `alter table t alter m type old_mood using (case m when 'new' then 'ok' else m::text end)::old_mood;
           alter table t alter ms type old_mood[] using array_replace(ms, 'new', 'sad')::text[]::old_mood[];`,
    losses: ["changes values of public.t.m: 1 row", "changes values of public.t.ms: 1 row"],
  },
  "an enum that the rollback makes, for values that all fit": {
    up: "create type mood as enum ('ok', 'sad', 'new'); create table t (m mood);",
    meanwhile: "insert into t values ('ok'), (null)",
    down: `alter type mood rename to mood_before;
           create type mood_after as enum ('ok', 'sad');
           alter table t alter m type mood_after using m::text::mood_after;
           drop type mood_before; alter type mood_after rename to mood;`,
    losses: [],
  },
  "wider types": {
    up: "create table t (a varchar(10), b int, c varchar(10), d timestamp, e boolean, f real);",
    meanwhile:
      "insert into t values ('x', 1, 'x', '2024-01-02 03:04', true, 0.1), (null, null, null, null, null, null)",
    down: `alter table t alter a type text, alter b type bigint, alter c type varchar(20) using c::varchar(20),
             alter d type timestamptz, alter e type text using case when e then 'yes' end, alter f type double precision;`,
    losses: [],
  },
  "what is computed, and what a foreign table shows": {
    up: `create table t (n numeric, twice numeric generated always as (n * 2) stored);
         create foreign data wrapper w; create server s foreign data wrapper w;
         create foreign table f (n numeric) server s;`,
    meanwhile: "insert into t values (1.2)",
    down: "alter table t alter twice type integer; alter table f alter n type integer;",
    losses: [],
  },
};

testLosses(cases);

test("what a large table holds is not looked at where no value can change", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (a varchar(10), b int);",
      "alter table t alter a type text; alter table only t alter b type bigint using b::bigint;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values ('x', 1)`;
  expect((await project.run(["rollback", "--dry-run"])).stdout).not.toContain("lock table");
});

test("a conversion that fails is the server's to refuse", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (a text);",
      "alter table t alter a type int using a::int;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values ('x')`;
  const { body } = await project.json(["rollback"]);
  expect(body.error).toMatchObject({ code: "sql-failed", sqlstate: "22P02" });
});

test("a type that the rollback makes is tried when it is there", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create type mood as enum ('ok', 'new'); create table t (m mood);",
      `alter type mood rename to mood_before;
       create type mood as enum ('ok');
       create type mood_after as enum ('ok', 'sad');
       alter table t alter m type mood_after using (case m::text when 'new' then 'sad' else m::text end)::mood_after;`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values ('ok'), ('new')`;
  const { body, code } = await project.json(["rollback"]);
  expect(code).toBe(4);
  expect(body.error.notes[0]).toBe(
    "001_t.sql changes values of public.t.m, some of which do not survive that",
  );
  expect(await sql`select m::text from t order by t.m`).toEqual([{ m: "ok" }, { m: "new" }]);
  await sql`delete from t where m = 'new'`;
  expect((await project.run(["rollback"])).stderr).toContain("✓ rollback 001_t.sql");
});

test("values that the rollback changes first are lost by that alone", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (n numeric);",
      "update t set n = round(n); alter table t alter n type integer;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1.5), (2)`;
  const { body } = await project.json(["rollback"]);
  expect(body.error.notes).toEqual([
    "001_t.sql overwrites public.t.n: 1 row",
    "nothing was rolled back",
  ]);
  await project.sql`update t set n = 2`;
  expect((await project.run(["rollback"])).code).toBe(0);
  expect(await project.sql`select n from t`).toEqual([{ n: 2 }, { n: 2 }]);
});
