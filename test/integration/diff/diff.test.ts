import { expect, test } from "vitest";
import type { Difference } from "../../../src/diff/differences.ts";
import { withDatabase } from "../../support/database.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const first = migration(
  `create schema app;
   create table app.users (id int primary key, name text not null default 'x', "Full Name" text, old int,
     constraint named check (id > 0));
   comment on column app.users.name is 'a name';
   create index users_name on app.users (name);
   create function app.f(a int) returns int language sql as 'select 1';
   create view app.v as select id from app.users;
   create function app.tell() returns trigger language plpgsql as $$ begin return new; end $$;
   create trigger tell before insert on app.users for each row execute function app.tell();
   alter default privileges in schema app grant select on tables to public;
   alter default privileges in schema app grant usage on sequences to public;`,
  "drop schema app cascade;",
);

test("drift is told in words, and the SQL between the two makes them equal", async () => {
  await using project = await withMigrations({ "001_app.sql": first });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  const clean = await project.run(["drift"]);
  expect(clean.stdout).toBe("files and database have the same schema\n");
  expect(clean.code).toBe(0);

  await sql
    .unsafe(
      `alter table app.users add column email varchar(100);
       alter table app.users alter name drop not null;
       alter table app.users drop constraint named;
       comment on column app.users.name is 'another';
       drop index app.users_name; create index users_name on app.users (name, id);
       create index users_old on app.users (old);
       drop trigger tell on app.users;
       create or replace function app.f(a int) returns int language sql as 'select 2';
       create view app.w as select 1 as one;`,
    )
    .simple();
  const drift = await project.json(["drift"]);
  expect(drift.code).toBe(1);
  const found = drift.body.result.differences.map(
    (one: { object: string; kind: string; words: string[] }) => [one.kind, one.object, one.words],
  );
  expect(found).toEqual([
    ["removed", "trigger tell on app.users", ["is gone"]],
    [
      "changed",
      "function app.f(a integer)",
      [expect.stringMatching(/^it differs \(- as it was, \+ as it is\):\n {2}-.*1.*\n {2}\+.*2/s)],
    ],
    [
      "changed",
      "table app.users",
      [
        "column name takes NULL and did not",
        "constraint named is gone (`CONSTRAINT named CHECK ((id > 0))`)",
        "column email is new (`email varchar(100)`)",
        "now: COMMENT ON COLUMN app.users.name IS 'another'",
      ],
    ],
    [
      "changed",
      "index app.users_name",
      [
        "it is `CREATE INDEX users_name ON app.users USING btree (name, id)` and was `CREATE INDEX users_name ON app.users USING btree (name)`",
      ],
    ],
    ["added", "index app.users_old", ["is new"]],
    ["added", "view app.w", ["is new"]],
  ]);

  // What leads from the files to the database, run where the files alone have been.
  const script = await project.run(["diff", "files", "database", "--sql"]);
  await using other = await withDatabase();
  await using files = await withMigrations({ "001_app.sql": first });
  const made = await files.run(["migrate"], { url: other.url });
  expect(made.code).toBe(0);
  await other.sql.unsafe(script.stdout).simple();
  const after = await project.json(["diff", "database", other.url]);
  expect(after.body.result.differences).toEqual([]);

  // The other way a column would go: that is nothing to be derived.
  const back = await project.run(["diff", "database", "files"]);
  expect(back.stdout).toContain("column email is gone (`email varchar(100)`)");
  expect(back.stdout).toContain("not in the SQL: column email: dropping it would lose its values");
});

test("what cannot be changed safely is named with its reason, and the rest of its table is written", async () => {
  await using project = await withMigrations({ "001_app.sql": first });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(
      `alter table app.users add column email text not null, add column note text, alter old type bigint,
         alter name set default 'y', add constraint mail check (email like '%@%');
       create index users_email on app.users (email);
       create view app.w as select id, email from app.users;
       create view app.notes as select note from app.users;
       alter view app.v rename column id to number;`,
    )
    .simple();
  const script = (await project.run(["diff", "files", "database", "--sql"])).stdout;
  expect(script).toContain('-- not all of it: 6 parts are left out, see "left out" below\n');
  for (const line of [
    "column old: another type can fail on its values, or change them",
    "column email: it is NOT NULL, and rows that are there would have no value for it",
    "the order of its columns: PostgreSQL puts new ones last",
    "constraint mail: it needs column email, which is left out",
    "index app.users_email: it needs column email of table app.users, which is left out",
    "view app.w: it needs column email of table app.users, which is left out",
  ]) {
    expect(script).toContain(`-- left out: ${line}\n`);
  }
  // It runs as it is, and what is left is what it said.
  await using other = await withDatabase();
  expect((await project.run(["migrate"], { url: other.url })).code).toBe(0);
  await other.sql.unsafe(script).simple();
  const { body } = await project.json(["diff", other.url, "database"]);
  const left = body.result.differences.map(({ object, leftOut }: Difference) => [
    object,
    leftOut.map(({ what }) => what),
  ]);
  expect(left).toEqual([
    [
      "table app.users",
      ["column old", "column email", "constraint mail", "the order of its columns"],
    ],
    ["index app.users_email", ["index app.users_email"]],
    ["view app.w", ["view app.w"]],
  ]);
});

test("a file that stopped in the middle is told before the differences that may come from it", async () => {
  const halting = migration(
    "create table app.more (i int); insert into app.more values (1), (1); create unique index concurrently more_i on app.more (i);",
    "drop table app.more;",
  );
  await using project = await withMigrations({ "001_app.sql": first, "002_more.sql": halting });
  expect((await project.run(["migrate"])).code).toBe(4);
  const drift = await project.run(["drift"]);
  expect(drift.code).toBe(1);
  const words =
    "002_more.sql is applied in part: statements 1 to 2 of its up section are done, statement 3 was begun";
  expect(drift.stdout).toMatch(
    new RegExp(`^${words}\\n  the differences below may come from it\\n\\n\\+ table app\\.more\\n`),
  );
  expect(drift.stdout).toContain(
    "+ index app.more_i\n    not in the SQL: index app.more_i: a concurrent build of it failed or is still running\n",
  );
  expect(drift.stdout).toMatch(/\n.*pgwright migrate   \(goes on, or shows the way out\)\n$/);
  const { body } = await project.json(["drift"]);
  expect(body.result).toMatchObject({
    isEqual: false,
    unfinished: [{ file: "002_more.sql", direction: "up", doneStatements: 2, openStatement: 3 }],
    findings: [
      { rule: "drift/unfinished" },
      { rule: "drift/differs", object: "table app.more" },
      { rule: "drift/differs", object: "index app.more_i" },
    ],
  });

  // Its table is gone by hand: nothing differs, and still it is neither applied nor undone.
  await project.sql`drop table app.more`;
  const equal = await project.run(["drift"]);
  expect(equal.code).toBe(1);
  expect(equal.stdout).toContain(`${words}\n  nothing else differs\n`);
  await project.mustRun(["repair", "reverted", "002", "--reason", "the table is dropped"]);
  expect(await project.run(["drift"])).toMatchObject({
    code: 0,
    stdout: "files and database have the same schema\n",
  });
});

test("a file that stopped in its online form is counted by its own statements", async () => {
  const checked = migration(
    `insert into app.users (id, old) values (1, -1);
alter table app.users add constraint positive check (old > 0);
create index users_old on app.users (old);`,
    "select 1;",
  );
  await using project = await withMigrations({ "001_app.sql": first });
  await project.mustRun(["migrate"]);
  await project.write("002_checked.sql", checked);
  expect((await project.run(["migrate", "--online"])).code).toBe(4);
  const { body } = await project.json(["drift"]);
  expect(body.result.unfinished).toMatchObject([
    {
      doneStatements: 1,
      openStatement: 2,
      words:
        "002_checked.sql is applied in part: statement 1 of its up section is done, statement 2 was begun (online, 1 of the 2 statements in its place is done)",
    },
  ]);
  // The log counts three by now.
  await project.write("002_checked.sql", checked.replace("(1, -1)", "(2, -1)"));
  const changed = await project.run(["migrate"]);
  expect(changed.stderr).toContain("was interrupted after 1 statement, in statement 2, and those");
});

test("where the files do not make a database, a file that stopped in the middle is told all the same", async () => {
  const standing = migration("create table taken as select * from by_hand;", "drop table taken;");
  const halting = migration(
    "insert into taken values (1), (1); create unique index concurrently taken_i on taken (i);",
    "select 1;",
  );
  await using project = await withMigrations({ "001_a.sql": standing, "002_b.sql": halting });
  await project.sql`create table by_hand (i int)`;
  expect((await project.run(["migrate"])).code).toBe(4);
  const { code, stderr } = await project.run(["drift"]);
  expect(code).toBe(4);
  expect(stderr).toContain('the throwaway database: relation "by_hand" does not exist');
  expect(stderr).toContain(
    "002_b.sql is applied in part: statement 1 of its up section is done, statement 2 was begun; `pgwright migrate` goes on with it, or shows the way out",
  );
  await project.remove("001_a.sql");
  const gone = await project.run(["drift"]);
  expect(gone.stderr).toContain("001 is applied and has no file here");
  expect(gone.stderr).toContain("002_b.sql is applied in part");
});

test("a dump is a side, too", async () => {
  await using project = await withMigrations({ "001_app.sql": first });
  await project.mustRun(["migrate"]);
  await project.mustRun(["dump", "--output", "schema.sql"]);
  expect((await project.json(["diff", "schema.sql", "database"])).body.result.isEqual).toBe(true);
  await project.sql`alter table app.users drop column old`;
  const { body } = await project.json(["diff", "schema.sql", "database"]);
  expect(body.result.differences).toMatchObject([
    { object: "table app.users", words: ["column old is gone (`old integer`)"], sql: [] },
  ]);
  const missing = await project.run(["diff", "nothing.sql", "database"]);
  expect(missing.code).toBe(2);
  const leftovers =
    await project.sql`select datname from pg_database where datname ~ '^pgwright_baseline_'`;
  expect(leftovers).toHaveLength(0);
});

test("what a partitioned table hands on to its partitions is said once, and the SQL runs", async () => {
  const parts = migration(
    `create table p (id bigint, d date not null, c int, primary key (id, d)) partition by range (d);
     create table p1 partition of p for values from ('2026-01-01') to ('2027-01-01');
     create table "Part 2" partition of p for values from ('2027-01-01') to ('2028-01-01');
     create index p_gone on p (c desc);
     create index p_changed on p (d);
     alter table p add constraint gone check (c < 9), add unique (d);
     create table q (i int) partition by list (i);
     create table q1 partition of q for values in (1);`,
    "drop table p, q;",
  );
  await using project = await withMigrations({ "001_parts.sql": parts });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(
      `drop index p_gone; drop index p_changed; create index p_changed on p (d, c);
       alter table p drop constraint gone, drop constraint p_d_key;
       alter table p add column e text default 'x', add check (c > 0), add unique (c, d), alter c set default 3;
       alter table "Part 2" rename constraint "Part 2_c_d_key" to own;
       create index p_new on p (id);
       alter table q add column more int;`,
    )
    .simple();
  const told = await project.run(["diff", "files", "database"]);
  expect(told.stdout).toContain("goes with index public.p_gone");
  expect(told.stdout).toContain("comes with table public.q\n");
  expect(told.stdout).not.toContain("no safe SQL");
  const script = await project.run(["diff", "files", "database", "--sql"]);
  await using other = await withDatabase();
  const made = await project.run(["migrate"], { url: other.url });
  expect(made.code).toBe(0);
  await other.sql.unsafe(script.stdout).simple();
  const after = await project.json(["diff", "database", other.url]);
  expect(after.body.result.differences).toEqual([]);
});

test("what needs what is left out is named with it, a new partition gets its indexes, drops come last", async () => {
  const start = migration(
    `create table t (id int primary key);
     create table p (id int, n int) partition by range (id);
     create table p1 partition of p for values from (1) to (2);
     create index p_n on p (n);
     create function old() returns int language sql immutable as 'select 1';
     create table user_of_old (n int default old());
     create view gone as select old() as n;`,
    "drop view gone; drop table user_of_old, t, p; drop function old();",
  );
  await using project = await withMigrations({ "001_start.sql": start });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(
      `alter table t add column email text not null, add column mail text generated always as (email || '') stored;
       create function count_mails() returns bigint begin atomic select count(mail) from t; end;
       create function mails() returns bigint language sql as 'select count_mails()';
       create view seen as select count_mails() as number;
       create view seen_twice as select number * 2 as twice from seen;
       create table p2 partition of p for values from (2) to (3);
       drop view gone; alter table user_of_old alter n drop default; drop function old();`,
    )
    .simple();
  const script = (await project.run(["diff", "files", "database", "--sql"])).stdout;
  for (const line of [
    "column mail: it needs column email, which is left out",
    "function public.count_mails(): it needs column mail of table public.t, which is left out",
    "view public.seen: it needs function public.count_mails(), which is left out",
    "view public.seen_twice: it needs view public.seen, which is left out",
  ]) {
    expect(script).toContain(`-- left out: ${line}\n`);
  }
  const order = [
    "CREATE INDEX p2_n_idx",
    "ALTER TABLE public.p ATTACH PARTITION public.p2",
    "ALTER TABLE public.user_of_old ALTER COLUMN n DROP DEFAULT",
    "DROP VIEW public.gone",
    "DROP FUNCTION public.old()",
  ].map((text) => script.indexOf(text));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order[0]).toBeGreaterThan(0);
  await using other = await withDatabase();
  expect((await project.run(["migrate"], { url: other.url })).code).toBe(0);
  await other.sql.unsafe(script).simple();
  const { body } = await project.json(["diff", other.url, "database"]);
  expect(body.result.script).toEqual([]);
  expect(body.result.differences.map(({ object }: Difference) => object).toSorted()).toEqual([
    "function public.count_mails()",
    "table public.t",
    "view public.seen",
    "view public.seen_twice",
  ]);
});
