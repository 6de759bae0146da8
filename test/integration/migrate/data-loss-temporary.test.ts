/** Temporary tables in rollbacks: no home for rows, and not the table whose name they have. */
import { expect, test } from "vitest";
import type { LossCase } from "../../support/loss-case.ts";
import { testLosses } from "../../support/loss-case.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const up = `create table users (id int primary key, nick text);
  create table archive (id int, nick text);`;
const meanwhile = "insert into users select n, 'n' || n from generate_series(1, 10) n";
const moveTo = (table: string) =>
  `with d as (delete from users returning *) insert into ${table} select * from d;`;
const loses = (down: string, ...losses: string[]): LossCase => ({ up, meanwhile, down, losses });
const all = "deletes from public.users: 10 rows";
const which = (by: string) =>
  `not counted: which table that is depends on ${by} before it; name its schema`;

testLosses({
  "a temporary table is no home": loses(
    `create temp table hold (like users); ${moveTo("hold")}`,
    all,
  ),
  "nor is one in pg_temp": loses(
    `create table pg_temp.hold (like users); ${moveTo("pg_temp.hold")}`,
    all,
  ),
  "nor what SELECT INTO TEMP makes": loses(
    `select * into temp hold from users limit 0; ${moveTo("hold")}`,
    all,
  ),
  "nor one that is made of a query": loses(
    `create temporary table hold on commit delete rows as select * from users limit 0; ${moveTo("hold")}`,
    all,
  ),
  "nor one that a DO block made": loses(
    `do $$ begin create temp table hold (like users); end $$; ${moveTo("hold")}`,
    `deletes from users: ${which("the DO block")}`,
  ),
  "nor one that code has made unseen": loses(
    `do $$ begin execute 'create te' || 'mp table hold (like users)'; end $$; ${moveTo("hold")}`,
    all,
  ),
  "nor, where names are written in full, one whose place code may have taken": loses(
    "do $$ begin create temp table archive (like users); end $$; with d as (delete from public.users returning *) insert into archive select * from d;",
    all,
  ),
  "nor one with the name of a table": loses(
    `create temp table archive (like users); ${moveTo("archive")}`,
    all,
  ),
  "nor one whose name a WITH has too": loses(
    "create temp table archive (like users); with archive as (delete from users returning *) insert into archive select * from archive;",
    all,
  ),
  "nor one that got its name later": loses(
    `create temp table hold (like users); alter table hold rename to archive; ${moveTo("archive")}`,
    all,
  ),
  "the table is meant once the temporary one is dropped": loses(
    `create temp table archive (like users); drop table archive; ${moveTo("archive")}`,
  ),
  "or discarded": loses(
    `create temp table archive (like users); discard temp; ${moveTo("archive")}`,
  ),
  "a table that the rollback makes is a home": loses(
    `create table hold (like users); ${moveTo("hold")} alter table hold rename to kept;`,
  ),
  "but not when it drops it again": loses(
    `create table hold (like users); ${moveTo("hold")} alter table hold rename to kept; drop table kept;`,
    all,
  ),
  "nor when it drops its schema": loses(
    `create schema attic; create table attic.hold (like users); ${moveTo("attic.hold")} drop schema attic cascade;`,
    all,
  ),
  "what is deleted from a temporary table is nobody's": loses(
    `create temp table users as select * from public.users where nick is null;
     delete from users where id > 0; update users set nick = 'x'; truncate users; drop table users;`,
  ),
  "the one that a temporary table is made of is the real one": loses(
    "create temp table users as with d as (delete from users returning *) select * from d;",
    all,
  ),
  "search_path may put temporary tables last": loses(
    "create temp table users (id int); set local search_path = public, pg_temp; delete from users;",
    all,
  ),
  "which rows go depends on a temporary table": loses(
    `create temp table archive as select id from users where id < 4;
     delete from users where id in (select id from archive);`,
    all,
  ),
  "a view that the rollback makes": loses(
    "create temp view users as select * from public.users; delete from users;",
    "deletes from pg_temp.users: not counted: the rollback itself makes that view",
  ),
  "search_path is set by a DO block": loses(
    "do $$ begin perform set_config('search_path', 'public', true); end $$; delete from users;",
    `deletes from users: ${which("the DO block")}`,
  ),
  "search_path is set by a procedure": {
    up: `${up} create procedure go() language plpgsql as $$ begin perform set_config('search_path', 'public', true); end $$;`,
    meanwhile,
    down: "call go(); delete from users; drop procedure go;",
    losses: [`deletes from users: ${which("go()")}`],
  },
  "SET settles it": loses(
    "do $$ begin perform set_config('search_path', 'public', true); end $$; set local search_path = public; delete from users;",
    all,
  ),
});

test("what stays of a table is not kept when a temporary one of its name is emptied", async () => {
  const down = `create temp table users as select * from public.users where id < 4;
    delete from users where id > 0;
    alter table public.users drop column nick;`;
  await using project = await withMigrations({
    "001_t.sql": migration("create table users (id int primary key);", "drop table users;"),
    "002_nick.sql": migration("alter table users add column nick text;", down),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(meanwhile);
  const refused = await project.json(["rollback"]);
  expect(refused.body.error.notes).toEqual([
    "002_nick.sql drops public.users.nick: 10 rows",
    "nothing was rolled back",
  ]);
  const back = await project.json(["rollback", "--keep-data"]);
  expect(back.body.error).toBeUndefined();
  expect(back.body.result.rolledBack[0].kept).toEqual([
    { object: "public.users.nick", kind: "values", rows: 10, table: "pgwright.kept_1" },
  ]);
  await sql`delete from users where id = 5`;
  await project.mustRun(["migrate"]);
  expect(await sql`select id, nick from users where id in (4, 5, 6) order by id`).toEqual([
    { id: 4, nick: "n4" },
    { id: 6, nick: "n6" },
  ]);
});

test("rows that a temporary table is to hold are kept, and those that a temporary table chooses", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(up, "drop table archive; drop table users;"),
    "002_all.sql": migration("select 1;", `create temp table hold (like users); ${moveTo("hold")}`),
    "003_some.sql": migration(
      "select 1;",
      `create temp table archive as select id from users where id < 4;
       delete from users where id in (select id from archive);`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(`${meanwhile}; insert into archive values (7)`).simple();
  const look = () => sql`select * from users order by id`;
  const before = await look();
  const some = await project.json(["rollback", "--keep-data"]);
  expect(some.body.result.rolledBack[0].kept).toMatchObject([{ object: "public.users", rows: 3 }]);
  expect(await look()).toHaveLength(7);
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await look()).toEqual([]);
  await project.mustRun(["migrate"]);
  expect(await look()).toEqual(before);
});

test("under a search_path that code may have set nothing is kept", async () => {
  const down =
    "do $$ begin perform set_config('search_path', 'app', true); end $$; delete from users;";
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create schema app; create table app.users (id int primary key); create table users (id int primary key);",
      down,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into users values (1)`;
  await sql`insert into app.users values (2)`;
  const kept = await project.json(["rollback", "--keep-data"]);
  expect(kept.code).toBe(4);
  expect(kept.body.error.notes).toEqual([
    `001_t.sql deletes from users: ${which("the DO block")}, which cannot be kept: it is not known which rows those are`,
    "nothing was rolled back",
  ]);
});

test("a rollback that goes on in another session has no temporary tables", async () => {
  const down = `create temp table archive as select 1 as id;
    create unique index concurrently archive_nick on public.users (nick);
    delete from archive;`;
  await using project = await withMigrations({ "001_t.sql": migration(up, down) });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql
    .unsafe(`${meanwhile}; insert into archive values (7); update users set nick = 'x'`)
    .simple();
  const failed = await project.json(["rollback"]);
  expect(failed.body.error.code).toBe("sql-failed");
  await sql`update users set nick = id`;
  const refused = await project.json(["rollback"]);
  expect(refused.body.error.code).toBe("data-loss");
  expect(refused.body.error.notes).toContain("001_t.sql deletes from public.archive: 1 row");
  expect(await sql`select id from archive`).toEqual([{ id: 7 }]);
});
