/** Counters that are beside the rows they count, whatever becomes of those rows. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestDatabase } from "../../support/database.ts";
import { withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

const ddl = `
create table post (id int primary key, comments_count int not null default 0, like_count int not null default 0);
create table comment (id int primary key, post_id int not null references post);
create table "like" (id int primary key, post_id int not null references post);
create function count_comments() returns trigger language plpgsql as $$
  begin update post set comments_count = comments_count + 1 where id = new.post_id; return new; end $$;
create trigger count_comments after insert on comment for each row execute function count_comments();`;

describe("counters", () => {
  let database: TestDatabase;
  const wrong = async () =>
    await database.sql`
      select id from post p where comments_count <> (select count(*) from comment c where c.post_id = p.id)
        or like_count <> (select count(*) from "like" l where l.post_id = p.id) order by id`;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(ddl);
    await runSeed(database);
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it("are true after children alone were emptied and filled", async () => {
    expect(await wrong()).toEqual([]);
    for (const table of ["comment", "like"]) {
      const before = await database.sql`select comments_count, like_count from post order by id`;
      await runSeed(database, {
        seed: `other ${table}`,
        truncate: true,
        allowDataLoss: true,
        tables: [table],
      });
      expect(await wrong()).toEqual([]);
      const after = await database.sql`select comments_count, like_count from post order by id`;
      expect(after).not.toEqual(before);
    }
  });

  it("that were not true before stay as they are", async () => {
    await database.sql`update post set like_count = 1000 where id = 1`;
    await runSeed(database, {
      seed: "third",
      truncate: true,
      allowDataLoss: true,
      tables: ["like"],
    });
    expect(await wrong()).toEqual([{ id: 1 }]);
    await database.sql`update post set like_count = (select count(*) from "like" where post_id = 1) where id = 1`;
  });
});
