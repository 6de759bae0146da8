/** `new --partition`: what it refuses by name, what the migration refuses, and how it behaves under load. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { planAdopt } from "../../src/policies/partitions/adopt/plan-adopt.ts";
import { readRequest } from "../../src/policies/partitions/adopt/request.ts";
import { PgwrightError } from "../../src/errors.ts";
import { withTable } from "../support/adopt.ts";
import { connectTo } from "../support/connection.ts";
import type { TestDatabase } from "../support/database.ts";
import { withDatabase } from "../support/database.ts";
import { connectTo as connectMany } from "../support/fitnesshub.ts";

const posts = `create table posts (id int generated always as identity primary key, body text,
  created_at timestamptz not null default now());`;

async function plan(database: TestDatabase, table: string, by = "range:created_at") {
  const request = readRequest({
    table,
    by,
    every: undefined,
    horizon: undefined,
    timeZone: undefined,
    hasDefault: false,
  });
  await using session = await connectTo(database.url);
  return await planAdopt(session, request, { now: new Date(), directory: "no such policies" });
}

/** The message of the refusal and its notes, each without its way out. */
async function refusal(database: TestDatabase, table: string, by?: string): Promise<string[]> {
  try {
    await plan(database, table, by);
    return [];
  } catch (error) {
    if (!(error instanceof PgwrightError) || error.code !== "adopt-refused") throw error;
    const notes = (error.details.notes ?? []).map((note) => note.split("\n")[0] ?? "");
    return notes.length > 0 ? notes : [error.message];
  }
}

describe("refuses by name", () => {
  test.each<[name: string, setUp: string, expected: string[], by?: string]>([
    ["no table", "", ["there is no table `posts`"]],
    ["a view", "create view posts as select 1 as id", ["`posts` is not a plain table"]],
    [
      "a partitioned table",
      "create table posts (created_at date) partition by range (created_at)",
      ["`posts` is partitioned already"],
    ],
    ["an unknown column", posts, ["it has no column `when`"], "range:when"],
    [
      "a column no calendar cuts",
      posts,
      ["column body is of type text, which no calendar cuts", "column body may be null"],
      "range:body",
    ],
    [
      "a nullable key",
      "create table posts (created_at timestamptz default now())",
      ["column created_at may be null"],
    ],
    [
      "a foreign key to what is no longer unique",
      `${posts} create table likes (post int constraint of_post references posts)`,
      [
        "foreign key of_post of public.likes refers to (id), which is unique only together with created_at then",
      ],
    ],
    [
      "unique keys without the partition key",
      `${posts} alter table posts add constraint one_body unique (body); create unique index lower_body on posts (lower(body))`,
      [
        "unique constraint one_body lacks created_at: PostgreSQL keeps it within one partition only",
        "index public.lower_body lacks created_at: PostgreSQL keeps it within one partition only",
      ],
    ],
    [
      "an exclusion constraint",
      "create table posts (created_at timestamptz not null, r int4range, constraint apart exclude using gist (r with &&))",
      ["exclusion constraint apart"],
    ],
    [
      "a deferrable primary key",
      "create table posts (id int, created_at date not null, constraint pk primary key (id) deferrable)",
      ["primary key pk is deferrable and lacks created_at"],
    ],
    [
      "constraints that hold for new rows only",
      `${posts} alter table posts add constraint late check (id > 0) not valid, add constraint own check (id > 1) no inherit`,
      [
        "constraint late is NOT VALID",
        "check own is NO INHERIT, which a partitioned table cannot have",
      ],
    ],
    [
      "triggers no partition can have",
      `${posts} create function f() returns trigger language plpgsql as 'begin return null; end';
       create trigger a after update on posts referencing new table as n for each row execute function f();
       create constraint trigger b after insert on posts for each row execute function f()`,
      [
        "trigger a takes transition tables for each row, which no partition can",
        "constraint trigger b, which a partitioned table cannot have",
      ],
    ],
    [
      "what reads it and cannot be pointed elsewhere",
      `${posts} create materialized view m as select id from posts;
       create function first_post() returns posts language sql as 'select * from posts limit 1';
       create table copies (one posts);
       create view by_key as select id, body from posts group by id`,
      [
        "function public.first_post() depends on the table, its row type or a key of it and cannot be pointed at the new parent",
        "materialized view public.m depends on the table, its row type or a key of it and cannot be pointed at the new parent",
        "table public.copies depends on the table, its row type or a key of it and cannot be pointed at the new parent",
        "view public.by_key depends on the table, its row type or a key of it and cannot be pointed at the new parent",
      ],
    ],
    [
      "rules, inheritance and replication",
      `${posts} create rule r as on delete to posts do also select 1; create table child () inherits (posts);
       create publication p for table posts; create publication q for all tables;
       create unique index i on posts (created_at, id); alter table posts replica identity using index i`,
      [
        "public.child inherits from it",
        "rule r on it",
        "publication p lists it",
        "publication q would publish its partitions under names that no subscriber knows",
        "its replica identity is an index, which new partitions would not have",
      ],
    ],
    [
      "an unlogged table",
      "create unlogged table posts (created_at date not null)",
      ["it is UNLOGGED, which a partitioned table cannot be"],
    ],
    [
      "rows beyond the bound",
      "create table posts (created_at timestamptz not null); insert into posts values ('9999-01-01'), ('infinity')",
      [expect.stringMatching(/^2 rows of public\.posts lie at or after 20/)],
    ],
  ])("%s", async (_name, setUp, expected, by) => {
    await using database = await withDatabase();
    if (setUp !== "") await database.sql.unsafe(setUp);
    const found = await refusal(database, "posts", by);
    expect(found.toSorted()).toEqual(
      expected.every((one) => typeof one === "string") ? expected.toSorted() : expected,
    );
  });

  test("the name of a new partition that is taken", async () => {
    await using database = await withDatabase();
    await database.sql.unsafe(posts);
    const { leaves } = await plan(database, "posts");
    await database.sql.unsafe(`create table ${leaves[0]} ()`);
    expect(await refusal(database, "posts")).toEqual([leaves[0]]);
  });

  test("usage: an option that makes no sense", () => {
    const read = (options: Partial<Parameters<typeof readRequest>[0]>) => () =>
      readRequest({
        table: "t",
        by: "range:a",
        every: undefined,
        horizon: undefined,
        timeZone: undefined,
        hasDefault: false,
        ...options,
      });
    expect(read({})()).toMatchObject({ column: "a", every: "month", timeZone: "UTC" });
    expect(read({ by: "hash:a" })).toThrow("`--by hash:a` is not `range:<column>`");
    expect(read({ every: "hour" })).toThrow("`--every hour` is unknown");
    expect(read({ horizon: "3" })).toThrow("`--horizon 3` needs a unit");
    expect(read({ timeZone: "Mars" })).toThrow("`--time-zone Mars` is no time zone");
  });
});

describe("the migration", () => {
  test.each([
    ["a policy", "create policy late on posts using (false)", "new: policy late"],
    ["a grant", "grant select on posts to public", "new: SELECT granted to PUBLIC"],
    ["a view", "create view late as select body from posts", "new: view public.late"],
    ["a column", "alter table posts drop column body", "gone: column body"],
    ["an index", "create index late on posts (body)", "new: index late"],
    ["a default", "alter table posts alter column body set default 'x'", "changed: column body"],
  ])("refuses to begin when %s came or went meanwhile", async (_name, change, says) => {
    await using project = await withTable(posts);
    await project.adopt("posts");
    await project.sql.unsafe(change);
    const before = await project.schema();
    const { code, stderr } = await project.run(["migrate"]);
    expect(code).toBe(4);
    expect(stderr).toContain(
      `public.posts is not the table this migration was written for: ${says}`,
    );
    expect(await project.schema()).toBe(before);
  });

  test("refuses to begin when it is too late", async () => {
    await using project = await withTable(posts);
    const text = await project.adopt("posts");
    const name = "001_late.sql";
    await project.write(name, text.replaceAll(/now\(\) >= '[^']+'/g, "now() >= '2020-01-01'"));
    const { body } = await project.json(["status"]);
    const other = body.result.migrations.find((one: { file: string }) => one.file !== name);
    await rm(join(project.path, "migrations", other.file));
    const { code, stderr } = await project.run(["migrate"]);
    expect(code).toBe(4);
    expect(stderr).toContain("this migration had to be applied before");
  });

  test("with a UUID of version 7 as key, foreign keys to it follow", async () => {
    await using project = await withTable(
      `create table posts (id uuid primary key, body text);
       create table likes (post uuid not null constraint of_post references posts on delete cascade);
       insert into posts select ('018d0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid from generate_series(1, 50) n;
       insert into likes select id from posts`,
    );
    const { sql } = project;
    const before = await project.schema();
    await project.mustRun(["new", "--partition", "posts", "--by", "range:id"]);
    await project.mustRun(["migrate"]);
    await expect(sql`insert into likes values (gen_random_uuid())`).rejects.toThrow("of_post");
    await sql`delete from posts where id = '018d0000-0000-7000-8000-000000000001'`;
    expect(await sql`select from likes`).toHaveLength(49);
    const [key] = await sql`select convalidated as valid, confrelid::regclass::text as of
      from pg_constraint where conname = 'of_post' and conparentid = 0`;
    expect(key).toEqual({ valid: true, of: "posts" });
    await project.mustRun(["rollback"]);
    expect(await project.schema()).toBe(before);
    expect(await sql`select from likes join posts on id = post`).toHaveLength(49);
  });

  test("a rollback that would need two rows of one key loses nothing", async () => {
    await using project = await withTable(posts);
    const { sql } = project;
    await project.adopt("posts");
    await project.mustRun(["migrate"]);
    const later = new Date(Date.now() + 75 * 86_400_000).toISOString();
    const insert = "insert into posts overriding system value values (7, $2, $1)";
    await sql.unsafe(insert, [new Date().toISOString(), "old"]);
    await sql.unsafe(insert, [later, "new"]);
    const { code, stderr } = await project.run(["rollback"]);
    expect(code).toBe(4);
    expect(stderr).toContain("duplicate key value violates unique constraint");
    expect(await sql`select body from posts order by body`).toEqual([
      { body: "new" },
      { body: "old" },
    ]);
    // Without the second one it goes on where it stopped.
    await sql`delete from posts where body = 'new'`;
    await project.mustRun(["rollback"]);
    expect(await sql`select body from posts`).toEqual([{ body: "old" }]);
  });
});

test("as an owner who is no superuser, under FORCE ROW LEVEL SECURITY", async () => {
  const setUp = `create schema app; create table app.users (id int primary key); insert into app.users values (1);
    create table app.posts (id int generated always as identity primary key, author int default 1 references app.users,
      created_at timestamptz not null default now());
    alter table app.posts enable row level security; alter table app.posts force row level security;
    create policy nobody on app.posts using (false) with check (true);
    insert into app.posts select from generate_series(1, 30)`;
  await using project = await withTable(setUp);
  const { sql, database } = project;
  const role = `Owner ${database.name}`;
  await sql.unsafe(`create role "${role}" login; grant create on database "${database.name}" to "${role}";
    grant create on schema public to "${role}";
    alter schema app owner to "${role}"; alter table app.users owner to "${role}"; alter table app.posts owner to "${role}"`);
  try {
    const url = new URL(database.url);
    url.username = encodeURIComponent(role);
    const as = { url: url.href };
    const before = await project.schema();
    // Its rows cannot be looked at by such an owner: said, not guessed.
    const args = ["new", "--partition", "app.posts", "--by", "range:created_at"];
    const refused = await project.run(args, as);
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("row-level security");
    await project.mustRun(args);
    const migrated = await project.run(["migrate"], as);
    expect(migrated.stderr).not.toContain("error[");
    await sql.unsafe(`insert into app.posts (created_at) values (now() + interval '75 days')`);
    const rolledBack = await project.run(["rollback"], as);
    expect(rolledBack.stderr).not.toContain("error[");
    expect(await project.schema()).toBe(before);
    expect(await sql`select from app.posts`).toHaveLength(31);
  } finally {
    await sql.unsafe(`drop owned by "${role}"; drop role "${role}"`);
  }
});

test("under inserts, updates and reads: no failed statement, no lost row, up and down", async () => {
  await using project =
    await withTable(`create table posts (id bigint generated always as identity primary key,
      n int not null default 0, body text not null default repeat('x', 50), created_at timestamptz not null default now());
    create index on posts (created_at); create view recent as select id, body from posts;
    insert into posts (created_at) select now() - n * interval '1 minute' from generate_series(1, 20000) n;
    create table log (n bigint generated always as identity, at timestamptz default now());
    create function note() returns trigger language plpgsql as 'begin insert into log default values; return null; end';
    create trigger noted after insert on posts for each row execute function note()`);
  await project.adopt("posts");
  const many = connectMany(project.database, 6);
  const failed: unknown[] = [];
  const inserted: string[] = [];
  const load = { isOver: false };
  const repeat = async (work: () => Promise<void>) => {
    while (!load.isOver) await work().catch((error: unknown) => failed.push(error));
  };
  const insert = async () => {
    const [row] = await many<{ id: string }[]>`insert into posts default values returning id::text`;
    inserted.push(row?.id ?? "");
  };
  let fewest = Infinity;
  const read = async () => {
    const [row] = await many<{ count: number }[]>`
      select count(*)::int as count from posts where created_at < now() - interval '1 hour'`;
    fewest = Math.min(fewest, row?.count ?? 0);
  };
  const readView = async () => {
    await many`select * from recent order by id desc limit 3`;
  };
  const update = async () => {
    await many`update posts set n = n + 1 where id = ${Math.ceil(Math.random() * 20000)}`;
  };
  const transfer = async () => {
    await many.begin(async (tx) => {
      await tx`select count(*) from recent where id < 100`;
      await tx`insert into posts default values`.then(() => inserted.push("-"));
    });
  };
  const work = [insert, insert, read, readView, update, transfer].map(repeat);
  const goOn = async () => {
    const then = inserted.length;
    while (inserted.length < then + 100) await many`select pg_sleep(0.01)`;
  };
  try {
    await goOn();
    const up = await project.run(["migrate"]);
    expect(up.stderr).not.toContain("error[");
    await goOn();
    const down = await project.run(["rollback"]);
    expect(down.stderr).not.toContain("error[");
    await goOn();
    const again = await project.run(["migrate"]);
    expect(again.stderr).not.toContain("error[");
    await goOn();
  } finally {
    load.isOver = true;
    await Promise.all(work);
    await many.end();
  }
  expect(failed).toEqual([]);
  expect(fewest).toBe(20000 - 59);
  const [counts] = await project.sql`
    select count(*)::int as rows, count(distinct id)::int as ids, (select count(*)::int from log) as noted from posts`;
  const rows = 20000 + inserted.length;
  // Each insert fired its trigger once, before and after.
  expect(counts).toEqual({ rows, ids: rows, noted: inserted.length });
});
