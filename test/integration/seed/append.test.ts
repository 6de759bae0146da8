/** `--append`: rows beside rows, with keys that must not repeat and counters that stay true. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

const ddl = `
create table people (id bigint generated always as identity primary key, email text not null unique);
create table profiles (id uuid primary key, person_id bigint not null unique references people);
create table posts (id int primary key, person_id bigint not null references people, likes_count int not null default 0);
create table likes (person_id bigint not null references people, post_id int not null references posts, primary key (person_id, post_id));
create table lines (post_id int references posts, line_number int, primary key (post_id, line_number));
create table follows (follower_id bigint references people, followed_id bigint references people,
  primary key (follower_id, followed_id), check (follower_id <> followed_id));
create table cards (person_id bigint not null references people, rank int not null, is_main boolean not null);
create unique index on cards (person_id) where is_main;`;

const requests = {
  "public.people": { rows: 30, columns: {} },
  "public.profiles": { rows: 20, columns: {} },
  "public.posts": { rows: { per: "person_id", kind: "range", min: 0, max: 3 }, columns: {} },
  "public.likes": { rows: { per: "post_id", kind: "range", min: 0, max: 5 }, columns: {} },
  "public.lines": { rows: { per: "post_id", kind: "range", min: 1, max: 3 }, columns: {} },
  "public.follows": { rows: 60, columns: {} },
  "public.cards": { rows: 40, columns: {} },
} as const;
const tables = Object.keys(requests);

describe("append", () => {
  let database: TestDatabase;

  const counts = async () => {
    const found: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await database.sql.unsafe<{ n: number }[]>(
        `select count(*)::int as n from ${table}`,
      );
      found[table] = row?.n ?? 0;
    }
    return found;
  };
  const wrongCounters = async () =>
    await database.sql`
      select id from posts p where likes_count <> (select count(*) from likes l where l.post_id = p.id)`;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(ddl);
    await runSeed(database, { requests });
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it("adds to every table, and the new parents get children", async () => {
    const before = await counts();
    await runSeed(database, {
      requests: { ...requests, "public.people": { rows: 50, columns: {} } },
      append: true,
    });
    const after = await counts();
    expect(after["public.people"]).toBe(80);
    for (const table of tables) {
      expect(after[table], table).toBeGreaterThan(before[table] ?? 0);
    }
    const [fresh] = await database.sql`
      select count(*)::int as n from posts where person_id > 30 and person_id <= 80`;
    expect(fresh).not.toEqual({ n: 0 });
    expect(await wrongCounters()).toEqual([]);
  });

  it("goes on where rows were deleted", async () => {
    await database.sql`delete from likes where person_id < 10`;
    await database.sql.unsafe(`
      delete from follows; delete from cards;
      delete from profiles where person_id in (select id from people order by id limit 10);`);
    // Of counters that were not true before, nobody knows what they mean.
    const stale = (await wrongCounters()).map(({ id }) => id as number);
    expect(stale.length).toBeGreaterThan(0);
    const values = async () =>
      await database.sql`select id, likes_count from posts where id = any(${stale}) order by id`;
    const before = await values();
    await runSeed(database, { requests, append: true, tables: ["people", "profiles", "likes"] });
    const [row] = await database.sql`select count(*)::int as n, max(id)::int as last from people`;
    expect(row).toEqual({ n: 110, last: 110 });
    // New children may make one of them true by chance.
    expect(await values()).toEqual(before);
    expect(stale).toEqual(
      expect.arrayContaining((await wrongCounters()).map(({ id }) => id as number)),
    );
  });

  it("brings counters up to date when only children come", async () => {
    await database.sql`
      update posts p set likes_count = (select count(*) from likes l where l.post_id = p.id)`;
    await database.sql`delete from likes`;
    await database.sql`update posts set likes_count = 0`;
    const { loaded } = await runSeed(database, { requests, tables: ["likes"] });
    expect(loaded).toMatchObject([{ table: "public.likes" }]);
    const [sum] = await database.sql`
      select sum(likes_count)::int = (select count(*)::int from likes) and sum(likes_count) > 0 as same from posts`;
    expect(sum).toEqual({ same: true });
    expect(await wrongCounters()).toEqual([]);
  });

  it("refuses more one-to-one rows than parents are free", async () => {
    const [free] = await database.sql<{ n: number }[]>`
      select (select count(*) from people)::int - (select count(*) from profiles)::int as n`;
    const asked = (free?.n ?? 0) + 1;
    const wanted = { ...requests, "public.profiles": { rows: asked, columns: {} } };
    await expect(
      runSeed(database, { requests: wanted, append: true, tables: ["profiles"] }),
    ).rejects.toThrow(
      `${asked} rows are asked for, and profiles_person_id_fkey allows ${asked - 1} more`,
    );
  });
});
