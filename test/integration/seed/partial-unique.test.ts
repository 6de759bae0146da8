/** Partial unique indexes: only the rows that their WHERE is true for compete. */
import { expect, it } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

it("lets rows repeat that the index says nothing about", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table people (id int primary key);
    create table addresses (id int primary key, person_id int not null references people, is_primary boolean not null);
    create unique index on addresses (person_id) where is_primary;
    create table places (id int primary key, place smallint not null check (place between 1 and 12),
      state text not null check (state in ('free', 'taken', 'left')), closed_at timestamptz);
    create unique index on places (place) where state = 'taken' and closed_at is null;
    create table accounts (id int primary key, email text not null, deleted_at timestamptz);
    create unique index on accounts (email) where deleted_at is null;`);
  const rows = (count: number) => ({ rows: count, columns: {} });
  const result = await runSeed(database, {
    requests: {
      "public.people": rows(20),
      "public.addresses": rows(60),
      "public.places": rows(40),
    },
  });
  expect(result.tables.flatMap(({ keptFully }) => keptFully)).toEqual([]);
  const [counts] = await database.sql`
    select (select count(*)::int from addresses) as addresses, (select count(*)::int from places) as places,
      (select count(*)::int from places where state = 'taken') > 0 as taken,
      (select count(*)::int from addresses where is_primary) > 5 as "primary",
      (select count(distinct email)::int from accounts) as emails`;
  expect(counts).toEqual({ addresses: 60, places: 40, taken: true, primary: true, emails: 100 });
});

it("keeps an index fully whose WHERE only the server can decide, and says so", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table places (id int primary key, place smallint not null check (place between 1 and 12), note text not null);
    create unique index places_once on places (place) where length(note) > 3;`);
  const result = await runSeed(database);
  expect(result.tables).toMatchObject([
    { rows: 12, keptFully: ["places_once ((length(note) > 3))"] },
  ]);
  await expect(
    runSeed(database, {
      truncate: true,
      allowDataLoss: true,
      requests: { "public.places": { rows: 13, columns: {} } },
    }),
  ).rejects.toThrow("13 rows are asked for, and unique place allows 12");
});
