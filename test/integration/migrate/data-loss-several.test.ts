/** What a rollback of several migrations loses is listed before the first of them runs, or it stops again. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const customers = {
  "001_customers.sql": migration(
    "create table customers (id int primary key, name text);",
    "drop table customers;",
  ),
  "003_clients.sql": migration(
    `alter table customers rename column name to title;
     alter table customers rename to clients; alter table clients add note text;`,
    `alter table clients drop note; alter table clients rename to customers;
     alter table customers rename column title to name;`,
  ),
};

test("tables and columns are counted under the names that the run gives them", async () => {
  await using project = await withMigrations({
    ...customers,
    "002_lower.sql": migration("select 1;", "update customers set name = lower(name);"),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into clients select n, 'Ann', 'x' from generate_series(1, 100) n`;
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error).toMatchObject({
    code: "data-loss",
    notes: [
      "003_clients.sql drops public.clients.note: 100 rows",
      "002_lower.sql overwrites public.clients.title: 100 rows",
      "001_customers.sql drops public.clients: 100 rows",
      "nothing was rolled back",
    ],
    hint: expect.stringMatching(/to lose what is listed$/),
  });
  const dry = await project.run(["rollback", "--all", "--dry-run"]);
  expect(dry.stdout).toContain("it drops public.clients: 100 rows\nbegin");
  const forced = await project.json(["rollback", "--all", "--allow-data-loss"]);
  expect(forced.body.error).toBeUndefined();
  expect(forced.body.result.rolledBack).toHaveLength(3);
});

test("what is listed is all where renames are all that comes before", async () => {
  await using project = await withMigrations(customers);
  await project.mustRun(["migrate"]);
  await project.sql`insert into clients values (1, 'Ann', 'x')`;
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error).toMatchObject({
    notes: [
      "003_clients.sql drops public.clients.note: 1 row",
      "001_customers.sql drops public.clients: 1 row",
      "nothing was rolled back",
    ],
    hint: expect.stringMatching(/to lose what is listed$/),
  });
  const dry = await project.json(["rollback", "--all", "--dry-run"]);
  expect(dry.body.result.notCounted).toEqual([]);
  const kept = await project.json(["rollback", "--all", "--keep-data"]);
  expect(kept.body.error).toBeUndefined();
  await project.mustRun(["migrate"]);
  expect(await project.sql`select * from clients`).toEqual([{ id: 1, title: "Ann", note: "x" }]);
});

const split = {
  "001_old.sql": migration("create table old (id int, n text);", "drop table old;"),
  "002_new.sql": migration(
    "create table new (id int, n text); insert into new select * from old; drop table old;",
    "create table old as select * from new; drop table new;",
  ),
  "003_filled.sql": migration(
    "create table log (id int);",
    "insert into log values (1); insert into new values (4, 'd'); drop table log;",
  ),
};

test("with --allow-data-loss it stops before it loses what was not listed", async () => {
  await using project = await withMigrations(split);
  await project.mustRun(["migrate"]);
  await project.sql`insert into new values (1, 'a'), (2, 'b')`;
  const refused = await project.json(["rollback", "--all"]);
  const listed = [
    "002_new.sql drops public.new: 2 rows",
    "002_new.sql, 001_old.sql may lose more than is listed: what 003_filled.sql makes or changes can be counted only when it is rolled back",
    "nothing was rolled back",
  ];
  expect(refused.body.error.notes).toEqual(listed);
  expect(refused.body.error.hint).toMatch(/what is listed \(it stops again before more is lost\)$/);
  const dry = await project.json(["rollback", "--all", "--dry-run"]);
  expect(dry.body.result.notCounted).toEqual(["002_new.sql", "001_old.sql"]);
  const stopped = await project.json(["rollback", "--all", "--allow-data-loss"]);
  expect(stopped.code).toBe(4);
  expect(stopped.body.error).toMatchObject({
    code: "data-loss",
    message: "rolling back 002_new.sql would lose more than could be counted when the run began",
    hint: expect.stringContaining("--allow-data-loss to lose this as well"),
  });
  expect(stopped.body.error.notes[0]).toBe("002_new.sql drops public.new: 3 rows");
  expect(stopped.body.result.rolledBack).toMatchObject([{ file: "003_filled.sql" }]);
  expect(await project.sql`select count(*)::int from new`).toEqual([{ count: 3 }]);
  const again = await project.json(["rollback", "--all", "--allow-data-loss"]);
  expect(again.body.error.notes[0]).toBe("001_old.sql drops public.old: 3 rows");
  const last = await project.json(["rollback", "--all", "--allow-data-loss"]);
  expect(last.body.result.rolledBack).toMatchObject([{ file: "001_old.sql" }]);
});

test("where it stops on the way, all that the rest loses is listed", async () => {
  await using project = await withMigrations({
    "000_t.sql": migration("create table t (id int);", "drop table t;"),
    "001_u.sql": migration("create table u (id int);", "drop table u;"),
    "002_fill.sql": migration("select 1;", "insert into t values (1); insert into u values (1);"),
  });
  await project.mustRun(["migrate"]);
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error.message).toBe("rolling back 001_u.sql, 000_t.sql would lose data");
  expect(back.body.error.notes.slice(0, 2)).toEqual([
    "001_u.sql drops public.u: 1 row",
    "000_t.sql drops public.t: 1 row",
  ]);
  expect(back.body.result.rolledBack).toMatchObject([{ file: "002_fill.sql" }]);
});

test("values that an earlier file changes are what a later one may take", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int, n int);", "drop table t;"),
    "002_n.sql": migration("select 1;", "delete from t where n = 2;"),
    "003_two.sql": migration(
      "alter table t add m int default 2;",
      "update t set n = 2 where n is null; drop table x;",
    ),
    "004_x.sql": migration("create table x (id int);", "alter table t drop m;"),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t (id) values (1), (2)`;
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error.notes).toEqual([
    "004_x.sql drops public.t.m: 2 rows",
    "001_t.sql drops public.t: 2 rows",
    "002_n.sql may lose more than is listed: what 003_two.sql makes or changes can be counted only when it is rolled back",
    "nothing was rolled back",
  ]);
});
