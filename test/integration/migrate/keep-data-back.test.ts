/** Kept data whose way back is not plain: rows that go with others, new enum values, rows made again. */
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const customers = migration(
  `create table customers (id bigint generated always as identity primary key, email text not null unique, name text);
   create table orders (id bigint primary key, customer bigint references customers on delete cascade);`,
  "drop table orders; drop table customers;",
);

test("rows that go with a row come back with it, also where the migration makes that row again", async () => {
  await using project = await withMigrations({
    "001_customers.sql": customers,
    "002_z.sql": migration(
      "insert into customers (email, name) values ('z', 'z');",
      "delete from customers where email = 'z';",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into orders select 1, id from customers`;
  await sql`update customers set name = 'edited'`;
  await sql`insert into customers (email) values ('other')`;
  const look = () =>
    sql`select c.id, email, name, o.id as "order" from customers c left join orders o on o.customer = c.id order by c.id`;
  const before = await look();
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stdout).toContain("kept public.orders: 1 row in pgwright.kept_2");
  expect(await look()).toHaveLength(1);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain("public.customers: 1 row put back");
  expect(again.stdout).toContain("public.orders: 1 row put back");
  expect(await look()).toEqual(before);
  expect(
    await sql`select attidentity from pg_attribute where attrelid = 'customers'::regclass and attname = 'id'`,
  ).toEqual([{ attidentity: "a" }]);
});

test("a row that somebody else has made meanwhile is not touched: the error names it, and SQL is left", async () => {
  await using project = await withMigrations({
    "001_customers.sql": customers,
    "002_z.sql": migration("select 1;", "delete from customers where email = 'z';"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into customers (email, name) values ('z', 'kept')`;
  await project.mustRun(["rollback", "--keep-data"]);
  await sql`insert into customers (email, name) values ('z', 'new')`;
  const stuck = await project.json(["migrate"]);
  expect(stuck.body.error).toMatchObject({
    code: "keep-failed",
    message: expect.stringContaining('"customers_email_key": Key (email)=(z) already exists.'),
    hint: expect.stringContaining("prints the SQL that puts them back later"),
  });
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.stdout).toContain("public.customers: 1 row stay");
  const script = left.stdout.slice(left.stdout.indexOf("begin;"));
  await sql`delete from customers`;
  const reserved = await sql.reserve();
  await reserved.unsafe(script).simple();
  reserved.release();
  expect(await sql`select id, email, name from customers`).toEqual([
    { id: "1", email: "z", name: "kept" },
  ]);
  expect(await sql`select restored_at is null as waits from pgwright.kept_data`).toEqual([
    { waits: false },
  ]);
});

test("values that an UPDATE overwrites come back", async () => {
  await using project = await withMigrations({
    "001_customers.sql": customers,
    "002_wipe.sql": migration("select 1;", "update customers set name = 'WIPED';"),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into customers (email, name) values ('a', 'Ann'), ('b', null), ('c', 'WIPED')`;
  const refused = await project.json(["rollback"]);
  expect(refused.body.error.notes).toEqual([
    "002_wipe.sql overwrites public.customers.name: 1 row",
    "nothing was rolled back",
  ]);
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await sql`select distinct name from customers`).toEqual([{ name: "WIPED" }]);
  await project.mustRun(["migrate"]);
  expect(await sql`select name from customers order by email`).toEqual([
    { name: "Ann" },
    { name: null },
    { name: "WIPED" },
  ]);
});

test("a new enum value is put back behind the transaction that adds it, also after a kill between the two", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create type mood as enum ('sad'); create table t (id int primary key, m mood);",
      "drop table t; drop type mood;",
    ),
    "002_happy.sql": migration(
      "alter type mood add value 'happy';",
      `alter table t alter m type text; drop type mood; create type mood as enum ('sad');
       alter table t alter m type mood using case m when 'happy' then null else m end::mood;`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values (1, 'happy'), (2, 'sad')`;
  const look = () => sql`select id, m::text from t order by id`;
  const before = await look();
  await project.mustRun(["redo", "--keep-data"]);
  expect(await look()).toEqual(before);

  await project.mustRun(["rollback", "--keep-data"]);
  expect(await look()).toEqual([
    { id: 1, m: null },
    { id: 2, m: "sad" },
  ]);
  const blocker = await sql.reserve();
  await blocker.unsafe("begin; lock table t in row exclusive mode");
  const running = project.start(["migrate", "--lock-timeout", "60s"]);
  await eventually(async () => {
    const [row] =
      await sql`select exists (select from pg_locks l join pg_class c on c.oid = l.relation where not granted and relname = 't') as waits`;
    return row?.["waits"] === true;
  }, "the put-back waits");
  running.child.kill("SIGKILL");
  await running.done;
  await blocker.unsafe("rollback");
  blocker.release();
  expect(await sql`select enum_range(null::mood)::text as moods`).toEqual([
    { moods: "{sad,happy}" },
  ]);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(await look()).toEqual(before);
});

test("an attribute that goes with its type comes back", async () => {
  await using project = await withMigrations({
    "001_shop.sql": migration(
      `create schema geo; create schema shop; create type shop.addr as (street text, zip text);
       create table shop.customers (id int primary key, a shop.addr);`,
      "drop schema shop cascade; drop schema geo;",
    ),
    "002_point.sql": migration(
      `create type geo.point as (lat float8, lon float8);
       alter type shop.addr add attribute pos geo.point;`,
      "drop type geo.point cascade;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into shop.customers values (1, ('Main', '1234', (52.5, 13.4)))`;
  const refused = await project.run(["rollback"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("drops shop.customers.a: 1 row");
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await sql`select a::text from shop.customers`).toEqual([{ a: "(Main,1234)" }]);
  await project.mustRun(["migrate"]);
  expect(await sql`select a::text from shop.customers`).toEqual([
    { a: '(Main,1234,"(52.5,13.4)")' },
  ]);
});
