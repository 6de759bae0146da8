/** Ranges whose length a CHECK bounds, next to each other as an exclusion constraint wants them. */
import { expect, it } from "vitest";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

it("draws ranges as short as checks want them", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table bookings (id int primary key, during tstzrange not null,
      exclude using gist (during with &&), check (upper(during) - lower(during) <= interval '2 h'));
    create table lessons (id int primary key, during tsrange not null unique,
      check (upper(during) - lower(during) = interval '45 minutes'));
    create table breaks (id int primary key, during tsmultirange not null,
      check (upper(during) - lower(during) between interval '5 minutes' and interval '1 h'));
    create table weeks (id int primary key, days daterange not null, check (upper(days) - lower(days) = 7));
    create table parts (id int primary key, part int4range not null,
      exclude using gist (part with &&), check (upper(part) - lower(part) < 4));`);
  const { loaded } = await runSeed(database);
  expect(loaded.map(({ rows }) => rows)).toEqual([100, 100, 100, 100, 100]);
});

it("names the check where no length does", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`
    create table stays (id int primary key, during tsrange not null,
      exclude using gist (during with &&), check (upper(during) - lower(during) > interval '1 year'))`);
  await expect(runSeed(database)).rejects.toMatchObject({
    code: "seed-impossible",
    message: expect.stringMatching(/public\.stays: .*stays_during_check .*'1 year'/),
  });
});
