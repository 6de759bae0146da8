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

  it("named after a key, and what triggers update, begin with nothing", async () => {
    await database.sql.unsafe(`
      create table users (id int primary key, follower_count int not null, following_count int not null);
      create table follows (follower_id int references users, followed_id int references users,
        primary key (follower_id, followed_id), check (follower_id <> followed_id));
      create table nodes (id int primary key, parent_id int references nodes, children_count int not null);
      create table inv (id int primary key, total int not null default 0, best numeric, state text not null default 'new');
      create table moves (id int primary key, inv_id int not null references inv, qty int not null);
      create function move() returns trigger language plpgsql as $$
        begin
          -- update inv set state = 'no';
          UPDATE public.inv AS i
            SET total = i.total + new.qty, best = greatest(i.best, new.qty)
            WHERE i.id = new.inv_id;
          return new;
        end $$;
      create trigger move after insert on moves for each row execute function move();`);
    await runSeed(database, { tables: ["users", "follows", "nodes", "inv", "moves"] });
    const [row] = await database.sql`
      select (select count(*) from users u where follower_count <> (select count(*) from follows f where f.followed_id = u.id)
          or following_count <> (select count(*) from follows f where f.follower_id = u.id))::int as users,
        (select count(*) from nodes n where children_count <> (select count(*) from nodes c where c.parent_id = n.id))::int as nodes,
        (select count(*) from inv i where total <> (select coalesce(sum(qty), 0) from moves m where m.inv_id = i.id)
          or best is distinct from (select max(qty) from moves m where m.inv_id = i.id))::int as inv,
        (select sum(follower_count) > 0 from users) and (select sum(children_count) > 0 from nodes) as some`;
    expect(row).toEqual({ users: 0, nodes: 0, inv: 0, some: true });
  });
});
