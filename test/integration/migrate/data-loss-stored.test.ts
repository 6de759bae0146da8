/** Values that a rollback changes or drops, though PostgreSQL calls them NULL or equal. */
import { expect, test } from "vitest";
import { hasValue } from "../../../src/db/stored-value.ts";
import type { LossCase } from "../../support/loss-case.ts";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const address = "create type addr as (street text, zip text);";

const composites: Record<string, LossCase> = {
  "a composite value with a NULL in it, of a column that is dropped": {
    up: `${address} create table o (id int primary key, home addr, rest addr);`,
    meanwhile: "insert into o values (1, row('x', null), row(null, null)), (2, null, null)",
    down: "alter table o drop column home, drop column rest;",
    losses: ["drops public.o.home: 1 row", "drops public.o.rest: 1 row"],
  },
  "a composite value with a NULL in it, that an UPDATE replaces": {
    up: `${address} create domain place as addr; create table o (id int primary key, home addr, there place);`,
    meanwhile: "insert into o values (1, row('x', null), row(null, null)), (2, null, null)",
    down: "update o set home = null; update o set there = row('y', null)::addr;",
    losses: ["overwrites public.o.home: 1 row", "overwrites public.o.there: 1 row"],
  },
  "a part of a composite value": {
    up: `${address} create table o (id int primary key, home addr);`,
    meanwhile: "insert into o values (1, row('x', null)), (2, null)",
    down: "update o set home.street = null;",
    losses: ["overwrites public.o.home: 1 row"],
  },
  "a composite value with a NULL in it, that becomes another type": {
    up: `${address} create table o (id int primary key, home addr, there addr);`,
    meanwhile: "insert into o values (1, row('x', null), row('x', null)), (2, null, null)",
    down: `alter table o alter home type text using null;
           alter table o alter there type text using there::text;`,
    losses: ["changes values of public.o.home: 1 row"],
  },
  "a composite type that goes with its values": {
    up: `${address} create domain place as addr; create table o (id int primary key, home addr, there place);`,
    meanwhile: "insert into o values (1, row('x', null), row(null, null)), (2, null, null)",
    down: "drop type addr cascade;",
    losses: ["drops public.o.home: 1 row", "drops public.o.there: 1 row"],
  },
  "a composite value with a NULL in it, that a key clears": {
    up: `${address} create table p (id addr primary key);
         create table c (id int primary key, p addr references p on delete set null);
         create table d (id int primary key, p addr references p on update set null);`,
    meanwhile: `insert into p values (row('x', null)), (row('y', null));
                insert into c values (1, row('x', null)); insert into d values (1, row('y', null))`,
    down: "delete from p where (id).street = 'x'; update p set id = row('z', null);",
    losses: [
      "deletes from public.p: 1 row",
      "overwrites public.c.p: 1 row (ON DELETE SET NULL)",
      "overwrites public.p.id: 2 rows",
      "overwrites public.d.p: 1 row (ON UPDATE SET NULL)",
    ],
  },
};

testLosses(composites);

const precisions: Record<string, LossCase> = {
  "times that lose their fractions to a precision of 0": {
    up: "create table t (a timestamptz, b timestamp, c time, d timestamptz[], e timestamptz, f timestamptz(0), g timestamptz(3));",
    meanwhile: `insert into t select x, x, x::time, array[x], x, x, x from (select timestamptz '2024-05-06 07:08:09.123456' as x) x;
                insert into t (a, g) values ('2024-05-06 07:08:09', '2024-05-06 07:08:09')`,
    down: `alter table t alter a type timestamptz(0), alter b type timestamp(0), alter c type time(0), alter d type timestamptz(0)[],
             alter e type timestamptz(0) using e::timestamptz(0), alter f type timestamptz, alter g type timestamptz(0);`,
    losses: ["a", "b", "c", "d", "e", "g"].map(
      (column) => `changes values of public.t.${column}: 1 row`,
    ),
  },
};

testLosses(precisions);

const blind =
  "create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);";

const likenesses: Record<string, LossCase> = {
  "capitals, under a collation that tells none": {
    up: `${blind} create domain name_ci as text collate ci; create type pair as (a text collate ci, b int);
         create table t (a text collate ci, b text collate ci, c text[] collate ci, d pair, e name_ci, f text collate ci, g text collate ci);`,
    meanwhile: `insert into t values ('Ann', 'Ann', '{Ann}', ('Ann', 1), 'Ann', 'Ann', 'Ann'),
                                     ('bob', 'bob', '{bob}', ('bob', 1), 'bob', 'bob', 'bob')`,
    down: `update t set a = lower(a), c = array[lower(c[1])], d = row(lower((d).a), 1), e = lower(e);
           alter table t alter b type text collate ci using lower(b),
                         alter g type varchar(5) collate ci using lower(g collate ci);
           update t set f = f collate ci;`,
    losses: [
      ...["a", "c", "d", "e"].map((column) => `overwrites public.t.${column}: 1 row`),
      "changes values of public.t.b: 1 row",
      "changes values of public.t.g: 1 row",
    ],
  },
  "capitals of citext, documents, and numbers that are written otherwise": {
    up: `create extension citext;
         create table t (a citext, b jsonb, c numeric, d float8, e interval, f numeric);`,
    meanwhile: `insert into t values ('Ann', '{"b": 1, "a": 2}', 1.00, '-0', '1 mon', 1.00)`,
    // Of numbers, the value counts: 1.00 is 1.0, and -0 is 0.
    down: `update t set a = lower(a), b = '{"a":2,"b":1}', c = trim_scale(c), d = 0, e = '30 days';
           alter table t alter f type numeric(5, 1);`,
    losses: ["overwrites public.t.a: 1 row", "overwrites public.t.e: 1 row"],
  },
};

testLosses(likenesses);

test("a composite value with a NULL in it is kept with the other columns, and comes back", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      `${address} create table o (id int primary key);`,
      "drop table o; drop type addr;",
    ),
    "002_home.sql": migration(
      "alter table o add home addr, add note text;",
      "alter table o drop home, drop note;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into o values (1, row('x', null), 'a'), (2, row(null, null), null), (3, null, null)`;
  const texts = () => project.sql`select id, home::text, note from o order by id`;
  const before = await texts();
  const back = await project.json(["rollback", "--keep-data"]);
  expect(back.body.result.rolledBack[0].kept).toMatchObject([
    { object: "public.o.home, public.o.note" },
  ]);
  await project.mustRun(["migrate"]);
  expect(await texts()).toEqual(before);
});

test.each([
  ["with a key", "id int primary key, a text collate ci"],
  ["without one", "id int, a text collate ci"],
])("capitals come back, %s", async (_how, columns) => {
  await using project = await withMigrations({
    "001_t.sql": migration(`${blind} create table t (${columns});`, "drop table t;"),
    "002_lower.sql": migration("select 1;", "update t set a = lower(a);"),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1, 'Ann'), (2, 'bob'), (3, null)`;
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stdout).toContain("kept public.t.a: ");
  expect(await project.sql`select a from t order by id`).toMatchObject([{ a: "ann" }, {}, {}]);
  await project.mustRun(["migrate"]);
  expect(await project.sql`select a from t order by id`).toEqual([
    { a: "Ann" },
    { a: "bob" },
    { a: null },
  ]);
});

test("whether a plain column has a value is asked as IS NOT NULL asks it", async () => {
  await using project = await withMigrations({});
  await project.sql`create table t (n int)`;
  const plan = await project.sql.unsafe(`explain (costs off) select from t where ${hasValue("n")}`);
  expect(plan.map((line) => line["QUERY PLAN"])).toContain("  Filter: (n IS NOT NULL)");
});
