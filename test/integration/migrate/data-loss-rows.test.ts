/** Rows that foreign keys delete, and values that foreign keys and UPDATE overwrite. */
import { expect, test } from "vitest";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const family = `create table p (id int primary key, code text);
  create table c (id int primary key, p int references p on delete cascade);
  create table g (id int, c int default null references c on delete set null);`;
const rows =
  "insert into p values (1, 'a'), (2, 'b'); insert into c values (10, 1), (11, 1), (20, 2); insert into g values (100, 10), (101, 11), (200, 20)";

testLosses({
  "ON DELETE CASCADE, and SET NULL behind it": {
    up: family,
    meanwhile: rows,
    down: "delete from p where code = 'a';",
    losses: [
      "deletes from public.p: 1 row",
      "deletes from public.c: 2 rows (ON DELETE CASCADE)",
      "overwrites public.g.c: 2 rows (ON DELETE SET NULL)",
    ],
  },
  "rows of one table that go by two statements and a key": {
    up: family,
    meanwhile: rows,
    down: "delete from c where id = 20; delete from c where id = 11; delete from p where id = 1;",
    losses: [
      "deletes from public.c: 3 rows",
      "overwrites public.g.c: 3 rows (ON DELETE SET NULL)",
      "deletes from public.p: 1 row",
    ],
  },
  "a table that refers to itself, in a circle with another": {
    up: `create table t (id int primary key, boss int references t on delete cascade, u int);
         create table u (id int primary key, t int references t on delete cascade);
         alter table t add foreign key (u) references u on delete cascade;`,
    meanwhile: `insert into t values (1), (9); insert into t values (2, 1), (3, 2);
         insert into u values (1, 3); insert into t values (4, null, 1); insert into t values (5, 4)`,
    down: "delete from t where id = 1;",
    losses: ["deletes from public.t: 5 rows", "deletes from public.u: 1 row (ON DELETE CASCADE)"],
  },
  "partitions on both sides, and only the columns that are set": {
    up: `create table p (id int, part int, primary key (part, id)) partition by list (part);
         create table p0 partition of p for values in (0);
         create table p1 partition of p for values in (1);
         create table c (part int, p int, foreign key (part, p) references p on delete cascade) partition by list (part);
         create table c0 partition of c for values in (0);
         create table c1 partition of c for values in (1);
         create table n (part int, p int, foreign key (part, p) references p on delete set null (p));`,
    meanwhile: `insert into p values (1, 0), (1, 1); insert into c values (0, 1), (1, 1), (1, 1);
         insert into n values (0, 1), (1, 1), (1, null)`,
    down: "delete from p1;",
    losses: [
      "deletes from public.p1: 1 row",
      "deletes from public.c: 2 rows (ON DELETE CASCADE)",
      "overwrites public.n.p: 1 row (ON DELETE SET NULL)",
    ],
  },
  "keys that are gone by then take nothing": {
    up: `${family} create table d (id int, p int references p on delete cascade);`,
    meanwhile: rows,
    down: `alter table c drop constraint c_p_fkey; drop table d; delete from p where id = 2;`,
    losses: ["deletes from public.p: 1 row"],
  },
  "under other names by then": {
    up: family,
    meanwhile: rows,
    down: `alter table p rename to q; alter table c rename column p to q; alter table c rename to d;
           delete from q;`,
    losses: [
      "deletes from public.p: 2 rows",
      "deletes from public.c: 3 rows (ON DELETE CASCADE)",
      "overwrites public.g.c: 3 rows (ON DELETE SET NULL)",
    ],
  },
  "rows that are moved, and what refers to them": {
    up: "create table p (id int primary key); create table c (p int references p on delete cascade); create table q (id int);",
    meanwhile: "insert into p values (1); insert into c values (1)",
    down: "with m as (delete from p returning *) insert into q select * from m;",
    losses: ["deletes from public.c: 1 row (ON DELETE CASCADE)"],
  },
  "no row that refers": {
    up: family,
    meanwhile: "insert into p values (1); insert into c values (1, null)",
    down: "delete from p where id = 2;",
    losses: [],
  },
  "UPDATE of all": {
    up: "create table t (id int, code text);",
    meanwhile: "insert into t values (1, 'a'), (2, null), (3, 'WIPED')",
    down: "update t set code = 'WIPED';",
    losses: ["overwrites public.t.code: 1 row"],
  },
  "UPDATE with FROM, an alias and a condition": {
    up: "create table t (id int, n numeric, j json, e int[]); create table o (id int, n numeric);",
    meanwhile: `insert into t values (1, 1.50, '{"a": 1}', '{1}'), (2, 2, '{}', '{2}'), (3, 3, null, null);
      insert into o values (1, 1.5), (1, 1.500), (2, 20), (3, 30)`,
    down: `update only t as x set n = o.n, -- a comment
        j = '{}', e = case when x.e is distinct from '{2}' then x.e else default_e.e end
      from o, (select '{9}'::int[] as e) default_e where o.id = x.id and x.id < 3 returning x.id;`,
    losses: [
      "overwrites public.t.n: 1 row",
      "overwrites public.t.j: 1 row",
      "overwrites public.t.e: 1 row",
    ],
  },
  "UPDATE to a default, of a part and of several columns": {
    up: "create table t (a text default 'x', b text, c int[], d int, e int);",
    meanwhile: "insert into t values ('x', 'y', '{1,2}', 1, 2), ('z', null, null, null, 3)",
    down: "update t set a = default, b = default, c[1] = 5, (d, e) = (1, 2) where true;",
    losses: [
      "overwrites public.t.a: 1 row",
      "overwrites public.t.b: 1 row",
      "overwrites public.t.c: 1 row",
      "overwrites public.t.d: 1 row",
      "overwrites public.t.e: 2 rows",
    ],
  },
  "UPDATE under another name, with a column that is not there yet": {
    up: "create table t (id int, name text, other text);",
    meanwhile: "insert into t values (1, 'a', 'b'), (2, null, 'c')",
    down: `alter table t rename to u; alter table u rename column name to nom; alter table u add column late text;
           update u set late = nom, nom = upper(nom); update u set other = late;`,
    losses: ["overwrites public.t.other: 2 rows"],
  },
  "UPDATE of NULLs, of new columns and to the same values": {
    up: "create table t (id int, name text);",
    meanwhile: "insert into t values (1, 'a'), (2, null)",
    down: `update t set name = '' where name is null; update t set id = id, name = coalesce(name, 'x');
           alter table t add column late text; update t set late = name;`,
    losses: [],
  },
  "values that are joined or moved by the UPDATE": {
    up: "create table t (a text, b text, c text, d text[]);",
    meanwhile: "insert into t values ('a', 'b', null, '{x}'), (null, 'b', null, null)",
    down: "update t set a = concat_ws(' ', a, b), b = null, d = d || 'y'::text;",
    losses: [],
  },
  "values that are joined to NULL": {
    up: "create table t (a text, b text);",
    meanwhile: "insert into t values ('a', 'b'), (null, 'b'), ('a', null)",
    down: "update t set a = a || b, b = null;",
    losses: ["overwrites public.t.a: 1 row", "overwrites public.t.b: 1 row"],
  },
  "DELETE of rows that an UPDATE chose": {
    up: "create table t (id int, mark boolean);",
    meanwhile: "insert into t values (1), (2)",
    down: "update t set mark = true where id = 1; delete from t where mark;",
    losses: ["deletes from public.t: 2 rows"],
  },
});

test("what overwrites values out of sight is named", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int primary key, name text);",
      `insert into t values (1, 'new') on conflict (id) do update set name = excluded.name;
       with u as (update t set name = 'newer' returning id) select id from u;
       merge into t using (values (1)) s (id) on t.id = s.id when matched then update set name = 'newest';`,
    ),
  });
  await project.mustRun(["migrate"]);
  const back = await project.run(["rollback"]);
  expect(back.stderr).toContain(
    "001_t.sql: what its ON CONFLICT DO UPDATE and its UPDATE in a WITH and its MERGE delete or change cannot be seen beforehand",
  );
});

test("values that come in after the look are not overwritten", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int, name text);",
      "insert into t values (1, 'in between'); update t set name = 'x' where id = 1;",
    ),
  });
  await project.mustRun(["migrate"]);
  const { body } = await project.json(["rollback"]);
  expect(body.error.notes[0]).toBe(
    "001_t.sql overwrites public.t.name, which has such values at that point",
  );
});
