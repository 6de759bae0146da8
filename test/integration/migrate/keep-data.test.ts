import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("full_name: names split and joined again keep their last names", async () => {
  await using project = await withMigrations({
    "001_users.sql": migration(
      "create table users (id int generated always as identity primary key, full_name varchar(100));",
      "drop table users;",
    ),
    "002_split.sql": migration(
      "alter table users rename column full_name to first_name;\nalter table users add column last_name varchar(100);",
      "alter table users drop column last_name;\nalter table users rename column first_name to full_name;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into users (first_name, last_name) values
    ('Ann', 'Example'), ('Zoë', '山田'), ('Prince', null), ('Gone', 'Away'), ('Old', 'Name')`;
  const refused = await project.run(["rollback"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("--keep-data");

  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stderr).not.toContain("error");
  expect(back.stdout).toContain("kept public.users.last_name: 5 rows in pgwright.kept_1");
  expect(await sql`select * from users where id = 1`).toEqual([{ id: 1, full_name: "Ann" }]);
  expect(await sql`select id, last_name from pgwright.kept_1 order by id`).toEqual([
    { id: "1", last_name: "Example" },
    { id: "2", last_name: "山田" },
    { id: "3", last_name: null },
    { id: "4", last_name: "Away" },
    { id: "5", last_name: "Name" },
  ]);
  await sql`delete from users where id = 4`;
  await sql`update users set full_name = 'New' where id = 5`;
  await sql`insert into users (full_name) values ('Later')`;

  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain(
    "public.users.last_name: 4 rows put back, 1 left in pgwright.kept_1",
  );
  expect(await sql`select first_name, last_name from users order by id`).toEqual([
    { first_name: "Ann", last_name: "Example" },
    { first_name: "Zoë", last_name: "山田" },
    { first_name: "Prince", last_name: null },
    { first_name: "New", last_name: "Name" },
    { first_name: "Later", last_name: null },
  ]);
  expect(await sql`select id, last_name from pgwright.kept_1`).toEqual([
    { id: "4", last_name: "Away" },
  ]);
});

test("tables with keys, sequences, triggers and foreign keys in a circle come back as they were", async () => {
  await using project = await withMigrations({
    "001_teams.sql": migration(
      `create table people (id bigserial primary key, name text not null);
       create table changes (what text);`,
      "drop table changes; drop table people;",
    ),
    "002_teams.sql": migration(
      `create table teams (id int generated always as identity (start 10) primary key, name text unique, lead int, parent int references teams);
       create table members (id int primary key, team int not null references teams);
       alter table teams add foreign key (lead) references members;
       alter table people add column team int references teams;
       create function note() returns trigger language plpgsql as $$ begin insert into changes values (tg_op); return new; end $$;
       create trigger note after insert or update on teams for each row execute function note();
       create trigger off after insert on teams for each row execute function note();
       alter table teams disable trigger off;
       alter table teams enable always trigger note;
       insert into teams (name) values ('first');`,
      `alter table people drop column team;
       alter table teams drop constraint teams_lead_fkey;
       drop table members; drop table teams; drop function note();`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(
      `insert into teams (name, parent) values ('second', 10), ('third', 11);
       insert into members values (1, 11), (2, 12);
       update teams set lead = 2 where id = 11;
       update teams set name = 'renamed' where id = 10;
       insert into people (name, team) values ('Ann', 11), ('Ben', null);`,
    )
    .simple();
  const look = () =>
    sql`select (select json_agg(t order by id) from teams t) as teams,
               (select json_agg(m order by id) from members m) as members,
               (select json_agg(p order by id) from people p) as people,
               (select json_agg(concat(tgname, tgenabled) order by tgname) from pg_trigger where not tgisinternal) as triggers`;
  const before = await look();
  const dry = await project.run(["rollback", "--keep-data", "--dry-run"]);
  expect(dry.stdout).toContain("create schema pgwright");
  expect(dry.stdout).toContain("create table pgwright.kept_3 as");
  expect(await look()).toEqual(before);

  await project.mustRun(["rollback", "--keep-data"]);
  const noted = await sql`select count(*) from changes`;
  const plan = await project.run(["migrate", "--dry-run"]);
  expect(plan.stdout).toContain("pgwright.kept_3");
  await project.mustRun(["migrate"]);
  expect(await look()).toEqual(before);
  // One by the migration's own row, none by those that came back.
  const [{ count: now } = {}] = await sql`select count(*) from changes`;
  expect(Number(now)).toBe(Number(noted[0]?.["count"]) + 1);
  await sql`insert into teams (name) values ('next')`;
  expect(await sql`select id from teams where name = 'next'`).toEqual([{ id: 13 }]);
  expect(await sql`select to_regclass('pgwright.kept_1') as kept`).toEqual([{ kept: null }]);

  // The same by one command.
  const state = await look();
  await project.mustRun(["redo", "--keep-data"]);
  expect(await look()).toEqual(state);
});

test("several migrations there and back, one after the other", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
    "002_a.sql": migration("alter table t add a text;", "alter table t drop a;"),
    "003_b.sql": migration(
      "alter table t rename to u; alter table u rename id to key; alter table u add b text;",
      "alter table u drop b; alter table u rename key to id; alter table u rename to t;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into u select i, 'a' || i, 'b' || i from generate_series(1, 3) i`;
  const before = await sql`select * from u order by key`;
  await project.mustRun(["rollback", "--all", "--keep-data"]);
  expect(await sql`select to_regclass('t') as t`).toEqual([{ t: null }]);
  await project.mustRun(["migrate"]);
  expect(await sql`select * from u order by key`).toEqual(before);
  expect(await sql`select rows_left from pgwright.kept_data order by id`).toEqual([
    { rows_left: "0" },
    { rows_left: "0" },
    { rows_left: "0" },
  ]);
});

test("what cannot be kept is refused, and what does not fit any more stops the migration", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table parent (a int); create table child () inherits (parent);",
      "drop table child; drop table parent;",
    ),
    "002_u.sql": migration(
      "create table u (a text);",
      "truncate u;\ndrop index concurrently if exists none;\ndrop table u;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into parent values (1)`;
  await sql`insert into u values ('long'), ('long')`;
  const inherited = await project.json(["rollback", "--steps", "2", "--keep-data"]);
  expect(inherited.body.error).toMatchObject({
    code: "data-loss",
    notes: expect.arrayContaining([
      "001_t.sql drops public.parent: 1 row, which cannot be kept: it has children by inheritance",
    ]),
  });
  expect(await sql`select * from u`).toHaveLength(2);

  await project.mustRun(["rollback", "--keep-data"]);
  await project.write("002_u.sql", migration("create table u (a varchar(3));", "drop table u;"));
  const stuck = await project.json(["migrate"]);
  expect(stuck.body.error).toMatchObject({
    code: "keep-failed",
    hint: expect.stringContaining("--leave-kept"),
  });
  expect(await sql`select to_regclass('u') as u`).toEqual([{ u: null }]);
  await project.mustRun(["migrate", "--leave-kept"]);
  expect(await sql`select * from u`).toEqual([]);
  expect(await sql`select a from pgwright.kept_1`).toEqual([{ a: "long" }, { a: "long" }]);
});

test("many values are put back without reading the table once for each of them", async () => {
  await using project = await withMigrations({
    "001_users.sql": migration(
      "create table users (id int primary key, name text);\ncreate table visits (day date, name text);",
      "drop table visits; drop table users;",
    ),
    "002_more.sql": migration(
      "alter table users add column email text, add column age int;\nalter table visits add column pages int;",
      "alter table visits drop column pages;\nalter table users drop column email, drop column age;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into users select g, 'n', 'u' || g, case when g % 3 = 0 then g end from generate_series(1, 40000) g`;
  await sql`insert into visits select date '2026-01-01' + g, 'n', g from generate_series(1, 40000) g`;
  await project.mustRun(["rollback", "--keep-data"]);
  await sql`update users set name = 'new' where id = 1`;
  // 40,000 times 40,000 comparisons take minutes.
  const again = await project.run(["migrate", "--statement-timeout", "20s"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain("public.users.email, public.users.age: 40,000 rows put back");
  expect(again.stdout).toContain("public.visits.pages: 40,000 rows put back");
  expect(
    await sql`select count(*)::int as n, count(email)::int as emails, sum(age)::int as ages from users`,
  ).toEqual([{ n: 40_000, emails: 40_000, ages: 266_673_333 }]);
});

test("rows that policies hide from their owner are kept by a role that sees them", async () => {
  const role = `keeper_${crypto.randomUUID().slice(0, 8)}`;
  await using project = await withMigrations(
    {
      "001_notes.sql": migration(
        `create table notes (id int primary key, owner text, body text);
         alter table notes enable row level security;
         alter table notes force row level security;
         create policy own on notes using (owner = current_user);`,
        "drop table notes;",
      ),
      "002_mark.sql": migration(
        "alter table notes add mark text default 'kept';",
        "alter table notes drop column mark;",
      ),
    },
    { yaml: `migrations:\n  role: ${role}\n` },
  );
  const { sql } = project;
  await sql.unsafe(`create role ${role}; grant create on schema public to ${role}`);
  await sql.unsafe(`grant create on database "${project.database.name}" to ${role}`);
  try {
    await project.mustRun(["migrate"]);
    await sql`insert into notes values (1, 'ann', 'hers'), (2, 'ben', 'his')`;
    const refused = await project.json(["rollback", "--keep-data"]);
    expect(refused.body.error).toMatchObject({
      code: "keep-failed",
      hint: expect.stringContaining("bypassrls"),
    });
    await sql.unsafe(`alter role ${role} bypassrls`);
    const back = await project.run(["rollback", "--keep-data"]);
    expect(back.stdout).toContain("kept public.notes.mark: 2 rows");
    const again = await project.run(["migrate"]);
    expect(again.stdout).toContain("public.notes.mark: 2 rows put back");
    expect(await sql`select id, mark from notes order by id`).toEqual([
      { id: 1, mark: "kept" },
      { id: 2, mark: "kept" },
    ]);
  } finally {
    await sql.unsafe(`drop owned by ${role}; drop role ${role}`);
  }
});
