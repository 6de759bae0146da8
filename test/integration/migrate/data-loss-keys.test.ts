/** Values that foreign keys change along when an UPDATE changes what they refer to. */
import { expect, test } from "vitest";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const family = `create table p (id int primary key, code text unique, old text);
  create table c (id int primary key, code text unique references p (code) on update cascade);
  create table g (id int, code text default 'none' references c (code) on update set null);`;
const rows = `insert into p values (1, 'a'), (2, 'b'); insert into c values (10, 'a'), (20, 'b'), (30, null);
  insert into g values (100, 'a'), (101, 'a'), (200, 'b'), (300, null)`;

testLosses({
  "ON UPDATE CASCADE, and SET NULL behind it": {
    up: family,
    meanwhile: rows,
    down: "update p set code = upper(code) where code = 'a';",
    losses: [
      "overwrites public.p.code: 1 row",
      "overwrites public.c.code: 1 row (ON UPDATE CASCADE)",
      "overwrites public.g.code: 2 rows (ON UPDATE SET NULL)",
    ],
  },
  "what the row referred to keeps beside the new value is lost of NULLs alone": {
    up: family,
    meanwhile: rows,
    down: "update p set old = code, code = 'x' || id;",
    losses: ["overwrites public.g.code: 3 rows (ON UPDATE SET NULL)"],
  },
  "SET DEFAULT sets all columns of the key, CASCADE those that change": {
    up: `create table p (a int, b int, primary key (a, b));
         create table d (a int default 0, b int default 0, foreign key (a, b) references p on update set default);
         create table c (a int, b int, foreign key (a, b) references p on update cascade);`,
    meanwhile: `insert into p values (0, 0), (1, 1), (2, 2);
      insert into d values (1, 1), (2, 2), (1, null); insert into c values (1, 1), (2, 2), (null, 1)`,
    down: "update p set b = b + 10 where a = 1;",
    losses: [
      "overwrites public.p.b: 1 row",
      "overwrites public.c.b: 1 row (ON UPDATE CASCADE)",
      "overwrites public.d.a: 1 row (ON UPDATE SET DEFAULT)",
      "overwrites public.d.b: 1 row (ON UPDATE SET DEFAULT)",
    ],
  },
  "a table that refers to itself, and partitions": {
    up: `create table t (id int primary key, boss int references t on update cascade);
         create table p (id int, part int, primary key (part, id)) partition by list (part);
         create table p0 partition of p for values in (0);
         create table p1 partition of p for values in (1);
         create table c (part int, p int, foreign key (part, p) references p on update cascade) partition by list (part);
         create table c0 partition of c for values in (0);
         create table c1 partition of c for values in (1);`,
    meanwhile: `insert into t values (1, null), (2, 1), (3, 1), (4, 2);
         insert into p values (1, 0), (1, 1); insert into c values (0, 1), (1, 1), (1, 1)`,
    down: "update t set id = id + 10 where id = 1; update p1 set id = 7;",
    losses: [
      "overwrites public.t.id: 1 row",
      "overwrites public.t.boss: 2 rows (ON UPDATE CASCADE)",
      "overwrites public.p1.id: 1 row",
      "overwrites public.c.p: 2 rows (ON UPDATE CASCADE)",
    ],
  },
  "keys that are in a circle": {
    up: `create table a (id int primary key); create table b (id int primary key references a on update cascade);
         alter table a add foreign key (id) references b on update cascade deferrable initially deferred;`,
    meanwhile: "with a as (insert into a values (1), (2)) insert into b values (1), (2)",
    down: "update a set id = 9 where id = 1;",
    losses: ["overwrites public.a.id: 1 row", "overwrites public.b.id: 1 row (ON UPDATE CASCADE)"],
  },
  "under other names by then": {
    up: family,
    meanwhile: rows,
    down: `alter table p rename to q; alter table c rename column code to kode; alter table c rename to d;
           update q set code = 'x' where code = 'b';`,
    losses: [
      "overwrites public.p.code: 1 row",
      "overwrites public.c.code: 1 row (ON UPDATE CASCADE)",
      "overwrites public.g.code: 1 row (ON UPDATE SET NULL)",
    ],
  },
  "keys that are gone by then, that take nothing along, or whose columns stay as they are": {
    up: `${family} create table r (code text references p (code) deferrable initially deferred);`,
    meanwhile: rows,
    down: `update p set old = 'x'; update p set id = 3, code = code where code = 'b';
           alter table c drop constraint c_code_fkey; alter table g drop column code; update c set code = 'y' where id = 10;`,
    losses: [
      "overwrites public.p.id: 1 row",
      "drops public.g.code: 3 rows",
      "overwrites public.c.code: 1 row",
    ],
  },
  "no row that refers": {
    up: family,
    meanwhile: "insert into p values (1, 'a'), (2, null); insert into c values (10, null)",
    down: "update p set old = code, code = 'z' where id = 1;",
    losses: [],
  },
});

test("what comes to refer after the look is not changed", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      `create table p (id int primary key, old int); create table c (p int references p on update set null);
       insert into p values (1);`,
      "insert into c values (1); update p set old = id, id = 2;",
    ),
  });
  await project.mustRun(["migrate"]);
  const { body } = await project.json(["rollback"]);
  expect(body.error).toMatchObject({ code: "data-loss" });
  expect(body.error.notes[0]).toBe(
    "001_t.sql overwrites public.c.p, which has such values at that point",
  );
});

test("values that a key changed along come back, whatever is lost first", async () => {
  await using project = await withMigrations({
    "001_p.sql": migration(
      `${family} alter table c add note text default 'c'; alter table g add note text default 'g';`,
      "drop table g, c, p;",
    ),
    "002_codes.sql": migration(
      "select 1;",
      "update g set note = 'x'; update c set note = 'y'; update p set code = upper(code);",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(rows);
  const all = () =>
    sql`select json_build_array(
      (select json_agg(p order by id) from p), (select json_agg(c order by id) from c),
      (select json_agg(g order by id) from g)) as rows`;
  const before = await all();
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await sql`select code from g where code is not null`).toEqual([]);
  expect(await sql`select code from c where id = 10`).toEqual([{ code: "A" }]);
  await project.mustRun(["migrate"]);
  expect(await all()).toEqual(before);
  expect(await sql`select from pgwright.kept_data where rows_left is distinct from 0`).toEqual([]);
  // The same under the numbers 9, 10 and 11, whose texts have another order.
  await sql`update pgwright.kept_data set id = 8 where id = 3`;
  await project.mustRun(["rollback", "--keep-data"]);
  await project.mustRun(["migrate"]);
  expect(await all()).toEqual(before);
  expect(await sql`select max(id)::int as id from pgwright.kept_data`).toEqual([{ id: 11 }]);
});
