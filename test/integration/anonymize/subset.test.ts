/** A subset is whole: what its rows refer to is in it, and what belongs to the roots; and no more. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseRoot } from "../../../src/anonymize/subset/root.ts";
import { copyBetween } from "../../support/anonymize.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";

let source: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  await load(
    source,
    `create table country (code text primary key);
     create table users (id int, country text references country, friend int, primary key (id)) partition by hash (id);
     create table users_0 partition of users for values with (modulus 2, remainder 0);
     create table users_1 partition of users for values with (modulus 2, remainder 1);
     alter table users add foreign key (friend) references users;
     create table "Order" (user_id int references users, no int, "ref er" int, primary key (user_id, no));
     alter table "Order" add foreign key (user_id, "ref er") references "Order" deferrable;
     create table item (id int primary key, user_id int, order_no int, foreign key (user_id, order_no) references "Order");
     create table team (id int primary key, captain int references users);
     alter table users add column team int references team;
     create table audit (id int, said text);
     insert into country values ('de'), ('fr'), ('it');
     insert into users (id, country) select i, (array['de', 'fr'])[1 + i % 2] from generate_series(1, 1000) i;
     insert into team select i, i from generate_series(1, 100) i;
     update users set friend = nullif(1 + (id + 6) % 1000, id), team = 1 + id % 100;
     insert into "Order" select u, n, nullif(n - 1, 0) from generate_series(1, 1000) u, generate_series(1, 3) n;
     insert into item select u * 10 + n, u, n from generate_series(1, 1000) u, generate_series(1, 3) n;
     insert into audit select i, 'x' from generate_series(1, 100) i;
     analyze`,
  );
});

afterAll(() => source[Symbol.asyncDispose]());

const subset = (...roots: string[]) => ({ roots: roots.map(parseRoot), size: undefined });

test("orders of one user bring what they hang on, round every cycle", async () => {
  await using target = await withDatabase();
  const { findings } = await copyBetween(source, target, {
    subset: subset(`public."Order": user_id = 5 and no = 2 -- the second`),
  });
  const counts = async (name: string) =>
    (await target.sql.unsafe(`select count(*)::int from ${name}`))[0]?.["count"];
  // Order 3 refers to 2 and so belongs to it; both to 1 and the user; that one to its friend, and so on
  // for ever: 1000 / 7 has a remainder, so all users are in that chain; but none of their orders.
  expect(await target.sql`select user_id, no from "Order" order by no`).toEqual([
    { user_id: 5, no: 1 },
    { user_id: 5, no: 2 },
    { user_id: 5, no: 3 },
  ]);
  expect(await target.sql`select id from item order by id`).toEqual([{ id: 52 }, { id: 53 }]);
  expect(await counts("users")).toBe(1000);
  expect(await counts("country")).toBe(2);
  expect(await counts("audit")).toBe(0);
  expect(findings).toMatchObject([
    { rule: "copy/outside-subset", message: expect.stringContaining("public.audit") },
  ]);
  // Made over the rows, each foreign key has proved that it holds.
  expect(
    await target.sql`select count(*)::int from pg_constraint where contype = 'f' and not convalidated`,
  ).toEqual([{ count: 0 }]);
});

test("the size limits the roots; a root of its own brings in a table without foreign keys", async () => {
  await using target = await withDatabase();
  const request = {
    roots: ["public.item: id % 2 = 0", "public.audit: true"].map(parseRoot),
    size: 4,
  };
  const result = await copyBetween(source, target, { subset: request, jobs: 1 });
  expect(result.findings).toEqual([]);
  expect(await target.sql`select count(*)::int from audit`).toEqual([{ count: 4 }]);
  expect(await target.sql`select count(*)::int from item`).toEqual([{ count: 4 }]);
});

test.each([
  [`public.nowhere: true`, "relation-unknown", "public.nowhere"],
  [`public.users: nonsense = 1`, "copy-refused", 'column "nonsense" does not exist'],
  [`public.users: id < 0`, "copy-refused", "no row of public.users"],
])("%s is refused", async (root, code, words) => {
  await using target = await withDatabase();
  await expect(copyBetween(source, target, { subset: subset(root) })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  });
  expect(await target.sql`select to_regnamespace('pgwright') as schema`).toEqual([
    { schema: null },
  ]);
});

test.each(["users: true", "public.users", "public.users:", `"a.b: true`])(
  "%s is no root",
  (text) => {
    expect(() => parseRoot(text)).toThrow("`--subset` has no table and condition in it");
  },
);

test("names in quotes are parsed", () => {
  expect(parseRoot(`"a.b"."c: ""d""": x = 'y: z'`)).toEqual({
    table: `"a.b"."c: ""d"""`,
    condition: "x = 'y: z'",
  });
});
