/** The SQL that `--leave-kept` prints does what `migrate` would have done. */
import { expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const files = {
  "001_people.sql": migration(
    `create table people (id bigserial primary key, name text not null unique);
     create table log (what text);
     create function note() returns trigger language plpgsql as $$ begin insert into log values (tg_op); return new; end $$;
     create trigger note after insert or update on people for each row execute function note();`,
    "drop table people, log; drop function note();",
  ),
  "002_teams.sql": migration(
    `create table teams (id int generated always as identity primary key, name text unique, lead bigint references people);
     insert into teams (name) values ('first'), ('second');
     create table notes (what text, n serial);`,
    "drop table notes; drop table teams;",
  ),
  "003_nick.sql": migration(
    `alter table people add column nick text default 'none', add column score int;
     alter table log add column who text;`,
    "alter table log drop column who; alter table people drop column score, drop column nick;",
  ),
  "004_wipe.sql": migration(
    "insert into people (name) values ('z');",
    "delete from people where name = 'z' or name like 'old%'; update teams set name = upper(name) where lead is not null;",
  ),
};

/** Applied, used, rolled back with everything kept, and used again. */
async function withHistory(): Promise<MigrationProject> {
  const project = await withMigrations(files);
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(`
    update people set nick = 'zed' where name = 'z';
    insert into people (name, nick, score) values ('Ann', 'a', 1), ('Bob', null, 2), ('old1', 'o', 3), ('old2', 'p', 4);
    insert into teams (name, lead) select 'team of ' || name, id from people where name in ('Ann', 'Bob');
    update teams set name = 'FIRST edited' where name = 'first';
    insert into notes (what) values ('same'), ('same'), ('other');
    update log set who = 'me' where what = 'UPDATE';`);
  await project.mustRun(["rollback", "--to", "1", "--keep-data"]);
  await sql.unsafe(`
    update people set name = 'Bob the second' where name = 'Bob';
    insert into people (id, name) values (4, 'has the key of old1');
    delete from log where what = 'nothing';`);
  return project;
}

/** All that a user can see, and how numbering goes on. */
async function look({ sql }: MigrationProject) {
  const tables: Record<string, unknown> = {};
  for (const table of ["people", "teams", "notes", "log"]) {
    tables[table] = await sql.unsafe(`select t::text as row from ${table} t order by 1`);
  }
  const [next] =
    await sql`select nextval('people_id_seq') as people, nextval('teams_id_seq') as teams, nextval('notes_n_seq') as notes`;
  const kept =
    await sql`select id, object, restored_at is null as waits, rows_left from pgwright.kept_data order by id`;
  const left =
    await sql`select relname from pg_class where relnamespace = 'pgwright'::regnamespace and relname ~ '^kept_\\d+$' order by 1`;
  const identity =
    await sql`select attidentity from pg_attribute where attrelid = 'teams'::regclass and attname = 'id'`;
  const triggers =
    await sql`select tgname, tgenabled from pg_trigger where not tgisinternal order by 1`;
  return { tables, next, kept, left, identity, triggers };
}

async function runScript({ sql }: MigrationProject, script: string): Promise<unknown> {
  const reserved = await sql.reserve();
  try {
    await reserved.unsafe(script).simple();
    return undefined;
  } catch (error) {
    // As psql does, which goes on to COMMIT.
    await reserved.unsafe("commit").simple();
    return error;
  } finally {
    reserved.release();
  }
}

async function leave(project: MigrationProject): Promise<string> {
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.stderr).not.toContain("error");
  return left.stdout.slice(left.stdout.indexOf("begin;"));
}

test("rows, values, sequences and what is left are those that migrate gives", async () => {
  await using plain = await withHistory();
  await using manual = await withHistory();
  const migrated = await plain.run(["migrate"]);
  expect(migrated.stderr).not.toContain("error");
  const script = await leave(manual);
  expect(await manual.sql`select name from teams order by id`).toEqual([
    { name: "first" },
    { name: "second" },
  ]);
  expect(await runScript(manual, script)).toBeUndefined();
  const expected = await look(plain);
  expect(expected.tables["teams"]).toHaveLength(4);
  expect(await look(manual)).toEqual(expected);
  await manual.sql`insert into people (name) values ('next')`;
  expect(String(await runScript(manual, script))).toContain("have been put back already");
});

test("what has come or changed since the migration stays, and stops the whole where it is in the way", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int generated always as identity primary key, name text);",
      "drop table t;",
    ),
    "002_nick.sql": migration(
      "alter table t add column nick text, add column town text;",
      "alter table t drop column town, drop column nick;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t (name, nick, town) values ('a', 'A', 'Athens'), ('b', 'B', 'Bonn'), ('c', 'C', 'Cork')`;
  await project.mustRun(["rollback", "--all", "--keep-data"]);
  const script = await leave(project);
  await sql`insert into t (name, nick) values ('new', 'N')`;
  const before = await sql`select * from t`;
  const stopped = String(await runScript(project, script));
  expect(stopped).toContain('"t_pkey": Key (id)=(1) already exists.');
  expect(await sql`select * from t`).toEqual(before);
  expect(
    await sql`select count(*)::int as waiting from pgwright.kept_data where restored_at is null`,
  ).toEqual([{ waiting: 2 }]);

  await sql`delete from t`;
  const again = await project.run(["migrate", "--leave-kept"]);
  expect(again.stdout).toContain("Nothing to apply");
  expect(again.stdout).toContain("public.t: 3 rows stay in pgwright.kept_2");
  expect(again.stdout.slice(again.stdout.indexOf("begin;"))).toBe(script);
  expect(await runScript(project, script)).toBeUndefined();
  const all = () => sql`select id, name, nick, town from t order by id`;
  expect(await all()).toEqual([
    { id: 1, name: "a", nick: "A", town: "Athens" },
    { id: 2, name: "b", nick: "B", town: "Bonn" },
    { id: 3, name: "c", nick: "C", town: "Cork" },
  ]);

  await project.mustRun(["rollback", "--keep-data"]);
  const values = await leave(project);
  await sql`update t set nick = 'newer' where id = 1`;
  await sql`update t set town = 'Berlin' where id = 2`;
  expect(await runScript(project, values)).toBeUndefined();
  expect(await all()).toEqual([
    { id: 1, name: "a", nick: "newer", town: "Athens" },
    { id: 2, name: "b", nick: "B", town: "Berlin" },
    { id: 3, name: "c", nick: "C", town: "Cork" },
  ]);
  expect(await sql`select id, nick, town from pgwright.kept_3 order by id`).toEqual([
    { id: "1", nick: "A", town: "Athens" },
    { id: "2", nick: "B", town: "Bonn" },
  ]);
});

test("a table that is not there any more keeps the migration from nothing", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int primary key);", "drop table t;"),
  });
  await project.mustRun(["migrate"]);
  await project.sql`insert into t values (1)`;
  await project.mustRun(["rollback", "--keep-data"]);
  await project.write(
    "001_t.sql",
    migration("create table u (id int primary key);", "drop table u;"),
  );
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.code).toBe(0);
  expect(left.stderr).toContain("what is there now of public.t cannot be noted");
  const script = left.stdout.slice(left.stdout.indexOf("begin;"));
  expect(String(await runScript(project, script))).toContain('relation "public.t" does not exist');
});
