/** Files of several transactions: what ends with one of them must not make a name mean another table. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

const setup = `create table users (id int primary key, n text);
insert into users select g, 'u' || g from generate_series(1, 10) g;
create table other (id int); insert into other values (1), (1);
create index oi on other (id);
create type mood as enum ('a');
create table moods (m mood);
create schema staging;
create table staging.users as select * from users where id < 4;
create function mk() returns void language plpgsql as
  'begin create temp table users (id int, zz int); end';`;

/** 001 makes the tables, 002 is the file. */
async function withFile(
  up: string,
  down = "select 1;",
  options = "",
  more: Record<string, string> = {},
): Promise<MigrationProject> {
  return withMigrations({
    "001_tables.sql": migration(
      setup,
      "drop table users, other, moods; drop schema staging cascade; drop type mood;",
    ),
    "002_file.sql": `-- migrate:up${options}\n${up}\n-- migrate:down${options}\n${down}\n`,
    ...more,
  });
}

const counts = async ({ sql }: MigrationProject) => {
  const [row] = await sql`select (select count(*)::int from public.users) as public,
                                 (select count(*)::int from staging.users) as staging`;
  return row;
};

test("a file whose temporary table ended with an interruption is not taken up again", async () => {
  await using project = await withFile(
    `create temp table users as select * from users where id < 3;
     create unique index concurrently other_u on other (id);
     delete from users;`,
  );
  const first = await project.run(["migrate"]);
  expect(first.code).toBe(4);
  expect(first.stderr).toContain("made is gone with this run: finish or undo 002_file.sql by hand");
  await project.sql`delete from other`;
  const second = await project.run(["migrate"]);
  expect(second.stderr).toContain("error[journal-open]");
  expect(second.stderr).toContain("had made is gone with its session");
  expect(second.code).toBe(4);
  expect(await counts(project)).toEqual({ public: 10, staging: 3 });
});

test.each([
  ["an index built beside writers", "create index concurrently o2 on public.other (id);", "a"],
  ["a new value of an enum", "alter type mood add value 'z';", "z"],
])("SET LOCAL holds behind %s", async (_what, cut, mood) => {
  await using project = await withFile(
    `set local search_path = staging, public;
     ${cut}
     delete from users;
     insert into moods select '${mood}' from users;`,
  );
  const { code, stderr } = await project.run(["migrate"]);
  expect(stderr).toMatch(/✓ 002_file\.sql/);
  expect(code).toBe(0);
  expect(await counts(project)).toEqual({ public: 10, staging: 0 });
});

test("so does set_config for the transaction, and neither outlives the file", async () => {
  await using project = await withFile(
    `select set_config('search_path', 'staging, public', true);
     drop index concurrently public.oi;
     delete from users where id = 1;`,
    "select 1;",
    "",
    {
      "003_next.sql": migration("delete from users where id = 2;", "select 1;"),
      "004_single.sql":
        "-- migrate:up transaction:false\nset local search_path = staging, public;\ndelete from users where id = 3;\n-- irreversible: x\n",
    },
  );
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await project.sql`select id from staging.users order by id`).toEqual([{ id: 2 }]);
  expect(await counts(project)).toEqual({ public: 9, staging: 1 });
});

test("timeouts of SET LOCAL are not for what is built alone", async () => {
  await using project = await withFile(
    `set local statement_timeout = '5min';
     select 1;
     create index concurrently o2 on other (id);`,
  );
  const { stdout } = await project.run(["migrate", "--dry-run"]);
  expect(stdout.match(/statement_timeout = '5min'/g)).toHaveLength(1);
});

test("rollback counts and keeps the table that it empties", async () => {
  await using project = await withFile(
    "select 1;",
    `set local search_path = staging, public;
     drop index concurrently public.oi;
     delete from users;`,
  );
  expect((await project.run(["migrate"])).code).toBe(0);
  const { code, stdout } = await project.run(["rollback", "--keep-data"]);
  expect(stdout).toMatch(/staging\.users: 3 rows/);
  expect(code).toBe(0);
  expect(await counts(project)).toEqual({ public: 10, staging: 0 });
});

test.each([
  ["do $$ begin create temp table users on commit drop as select * from users; end $$;"],
  ["do $$ begin execute 'create temp table users on commit drop as table users'; end $$;"],
  ["select mk();"],
  ["do $$ begin perform set_config('search_path', 'staging,public', true); end $$;"],
])("behind %j nothing runs in another form", async (first) => {
  await using project = await withFile("select 1;");
  await project.mustRun(["migrate"]);
  await project.write(
    "003_online.sql",
    migration(`${first}\ncreate index on other (id);\ndelete from users;`, "select 1;"),
  );
  const { code, stderr } = await project.run(["migrate", "--online"]);
  expect(stderr).toContain("before it ends with its transaction");
  expect(code).toBe(0);
  expect((await counts(project))?.["public"]).toBe(10);
});

test.each([
  ["select mk();", ""],
  ["do $$ begin perform mk(); end $$;", ""],
  ["do $$ begin execute 'create tem' || 'p table users (id int)'; end $$;", ""],
  ["select mk();", " transaction:false"],
])("what %j makes unseen is gone for the next file%s", async (first, options) => {
  await using project = await withFile(first, "select 1;", options, {
    "003_next.sql": migration(
      "alter table users add column email text;",
      "alter table users drop column email;",
    ),
  });
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(
    await project.sql`select attname from pg_attribute
                      where attrelid = 'public.users'::regclass and attname = 'email'`,
  ).toHaveLength(1);
  expect((await project.run(["rollback"])).code).toBe(0);
});

test.each([
  [
    "deferred keys of a temporary table",
    `create temp table pp (id int primary key);
     create temp table users (id int references pp deferrable initially deferred);
     insert into users values (1); insert into pp values (1);`,
  ],
  [
    "an open cursor over one",
    "create temp table tt as select 1; declare c cursor with hold for select * from tt;",
  ],
  [
    "a deferred trigger that writes into one",
    `create temp table tlog (id int) on commit drop;
     create function note() returns trigger language plpgsql as
       'begin insert into tlog values (new.id); return null; end';
     create constraint trigger late after update on users deferrable initially deferred
       for each row execute function note();
     update users set n = 'x';`,
  ],
])("%s come to their end before they are cleared away", async (_what, up) => {
  await using project = await withFile(up, "select 1;", "", {
    "003_next.sql": migration("select 1;", "select 1;"),
  });
  const { code, stderr } = await project.run(["migrate"]);
  expect(stderr).toMatch(/✓ 003_next\.sql/);
  expect(code).toBe(0);
});
