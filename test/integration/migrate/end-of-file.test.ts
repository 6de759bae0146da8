import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("what a file makes temporary ends with the file, and the next one means the table itself", async () => {
  await using project = await withMigrations({
    "001_orders.sql": migration(
      "create table orders (id int primary key);",
      "create temp table kept as select 1; drop table orders;",
    ),
    "002_clean.sql": migration(
      "create temp table orders as select 7 as id; insert into public.orders select id from orders;",
      "create temporary table orders (id int); delete from public.orders;",
    ),
    "003_add_note.sql": migration(
      "alter table orders add note text;",
      "alter table orders drop column note;",
    ),
  });
  const { sql } = project;
  expect((await project.run(["migrate"])).code).toBe(0);
  const columns = () =>
    sql`select attname from pg_attribute
        where attrelid = 'public.orders'::regclass and attnum > 0 and not attisdropped
        order by attnum`;
  expect(await columns()).toEqual([{ attname: "id" }, { attname: "note" }]);
  expect(await sql`select id from public.orders`).toEqual([{ id: 7 }]);
  const back = await project.run(["rollback", "--steps", "2", "--allow-data-loss"]);
  expect(back.stderr).not.toContain("error");
  expect(back.code).toBe(0);
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await columns()).toEqual([{ attname: "id" }, { attname: "note" }]);
});

test("it is there for all transactions of its file", async () => {
  await using project = await withMigrations({
    "001_picks.sql": migration(
      `create table picks (id int);
       create temp table staging as select generate_series(1, 3) as id;
       create index concurrently picks_id on picks (id);
       insert into picks select id from staging;`,
      "drop table picks;",
    ),
    "002_more.sql": migration("create table staging (id int);", "drop table staging;"),
  });
  const { sql } = project;
  const dry = await project.run(["migrate", "--dry-run"]);
  expect(dry.stdout.match(/^discard temp;$/gm)).toHaveLength(2);
  const { code, stderr } = await project.run(["migrate"]);
  expect(stderr).toMatch(/✓ 002_more\.sql/);
  expect(code).toBe(0);
  expect(await sql`select count(*)::int as n from picks`).toEqual([{ n: 3 }]);
  expect(
    await sql`select relnamespace::regnamespace::text as at from pg_class where relname = 'staging'`,
  ).toEqual([{ at: "public" }]);
});

test("neither do prepared statements and cursors stay", async () => {
  await using project = await withMigrations({
    "001_one.sql": migration(
      `create table picks (id int);
       prepare put as insert into picks values ($1);
       execute put (1);
       declare seen cursor with hold for select 1;
       create temp table staging (id int);
       declare staged cursor with hold for select * from staging;`,
      "drop table picks;",
    ),
    "002_two.sql": migration(
      `prepare put as insert into picks values ($1 + 1);
       execute put (1);
       deallocate put;
       declare seen cursor with hold for select 1;
       close seen;`,
      "delete from picks where id = 2;",
    ),
  });
  const { sql } = project;
  const { code, stderr } = await project.run(["migrate"]);
  expect(stderr).toMatch(/✓ 002_two\.sql/);
  expect(code).toBe(0);
  expect(await sql`select id from picks order by id`).toEqual([{ id: 1 }, { id: 2 }]);
});
