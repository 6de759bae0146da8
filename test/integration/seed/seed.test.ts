import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { fingerprint, runSeed } from "../../support/seed.ts";

const shop = `
create table customers (
  id bigint generated always as identity primary key,
  email text not null unique check (email ~ '@'),
  first_name varchar(40) not null, last_name varchar(40) not null,
  gender text check (gender in ('female', 'male', 'other')),
  phone text, city text, country_code char(2), birth_date date check (birth_date < '2010-01-01'),
  created_at timestamptz not null default now(), updated_at timestamptz not null default now(),
  check (updated_at >= created_at));
create type order_state as enum ('open', 'paid', 'sent');
create table orders (
  id uuid primary key default gen_random_uuid(),
  customer_id bigint not null references customers,
  state order_state not null, total numeric(10, 2) not null check (total > 0 and total < 5000),
  discount numeric(4, 3) check (discount between 0 and 0.5),
  created_at timestamptz not null default now(),
  code text unique, note text check (length(note) <= 20), net numeric generated always as (total * 2) stored);
create table order_lines (
  order_id uuid references orders, line_number integer, quantity smallint not null check (quantity > 0),
  tags text[] not null, period tstzrange, data jsonb not null check (jsonb_typeof(data) = 'array'),
  primary key (order_id, line_number));
create table follows (follower_id bigint references customers, followed_id bigint references customers,
  primary key (follower_id, followed_id), check (follower_id <> followed_id));
create table categories (id serial primary key, name text not null, parent_id integer references categories);
`;
const tables = ["customers", "orders", "order_lines", "follows", "categories"];

describe("seed without a seed file", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(shop);
    await runSeed(database);
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it("fills every table", async () => {
    for (const table of tables) {
      const [row] = await database.sql.unsafe(`select count(*)::int as n from ${table}`);
      expect(row, table).toEqual({ n: 100 });
    }
  });

  it("gives a person one name, an e-mail address of that name, and times in order", async () => {
    const rows = await database.sql`
      select email, first_name, last_name from customers
      where split_part(email, '.', 1) <> lower(regexp_replace(first_name, '[^A-Za-z]', '', 'g'))`;
    expect(rows).toEqual([]);
    const [late] = await database.sql`
      select count(*)::int as n from orders o join customers c on c.id = o.customer_id
      where o.created_at < c.created_at`;
    expect(late).toEqual({ n: 0 });
  });

  it("lets sequences go on behind the rows", async () => {
    const [row] = await database.sql`insert into categories (name) values ('next') returning id`;
    expect(row).toEqual({ id: 101 });
    await database.sql`delete from categories where id = 101`;
  });

  it("gives the same rows again, and others for another seed", async () => {
    await using again = await withDatabase();
    await again.sql.unsafe(shop);
    await runSeed(again);
    const first = await fingerprint(database, tables);
    expect(await fingerprint(again, tables)).toEqual(first);
    await runSeed(again, { seed: "other", truncate: true, allowDataLoss: true });
    const other = await fingerprint(again, tables);
    for (const table of tables) expect(other[table], table).not.toBe(first[table]);
  });

  it("leaves tables with rows alone, and adds to them when told", async () => {
    await using again = await withDatabase();
    await again.sql.unsafe(shop);
    await runSeed(again);
    const second = await runSeed(again);
    expect(second.kept).toHaveLength(5);
    expect(second.loaded).toEqual([]);
    await runSeed(again, { append: true, tables: ["customers", "orders"] });
    const [row] = await again.sql`
      select (select count(*)::int from customers) as customers, (select count(*)::int from orders) as orders`;
    expect(row).toEqual({ customers: 200, orders: 200 });
  });

  it("gives the same bytes on every machine and version of PostgreSQL", async () => {
    const { customers, orders, follows } = await fingerprint(database, tables);
    expect({ customers, orders, follows }).toMatchInlineSnapshot(`
      {
        "customers": "0cfed6ab1d77f7cc2b470b968c1ef4f2078fe1fa771d5f8e9ffb424f104c83b2",
        "follows": "f0eb29332d84716cd0477b3194e783207459de06813bea946cbd5db6e701552c",
        "orders": "d7335a38307eeeddf63339bed9bb0397a93e3b5fbaeabf5705569479d57af831",
      }
    `);
  });

  it("prints golden rows", async () => {
    const [row] = await database.sql.unsafe(
      "select email, first_name, last_name, gender, city, created_at::text from customers where id = 1",
    );
    expect(row).toMatchInlineSnapshot(`
      {
        "city": "Iowa City",
        "created_at": "2024-03-15 17:01:42+00",
        "email": "mabel.gerhold1@example.net",
        "first_name": "Mabel",
        "gender": "female",
        "last_name": "Gerhold",
      }
    `);
  });
});
