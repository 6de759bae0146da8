/** Settings that texts of values hang on: other ones in the session that rolls back than in the one that migrates. */
import { expect, test } from "vitest";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

/** What every session has from now on. */
async function setForAll({ sql }: MigrationProject, settings: Readonly<Record<string, string>>) {
  for (const [name, value] of Object.entries(settings)) {
    await sql.unsafe(
      `do $$ begin execute format('alter database %I set ${name} = %L', current_database(), '${value}'); end $$`,
    );
  }
}

const atHome = {
  timezone: "Europe/Berlin",
  datestyle: "SQL, DMY",
  array_nulls: "on",
  quote_all_identifiers: "off",
};
const abroad = {
  timezone: "America/New_York",
  datestyle: "ISO, MDY",
  array_nulls: "off",
  quote_all_identifiers: "on",
};

const files = {
  "001_t.sql": migration(
    `create table users (id int primary key, full_name text, at timestamptz not null default now());
     create table readings (at timestamptz primary key, value int);
     create table visits (at timestamptz, who text);
     create table gone (at timestamptz, who text);
     create table pairs (id int primary key, at timestamptz);`,
    "drop table users, readings, visits, gone, pairs;",
  ),
  "002_more.sql": migration(
    `alter table users rename full_name to first_name;
     alter table users add last_name text, add tags text[], add home regclass;
     alter table readings add unit text;
     alter table visits add note text;
     create table logs (at timestamptz, span tstzrange);
     create table points (at timestamptz primary key, n int);
     insert into points values ('2024-01-01 00:00+00', 0);`,
    `delete from gone where at < '03/02/2024';
     delete from pairs where at::date = '2024-01-01';
     drop table logs, points;
     alter table visits drop note;
     alter table readings drop unit;
     alter table users drop last_name, drop tags, drop home;
     alter table users rename first_name to full_name;`,
  ),
};

const tables = ["users", "readings", "visits", "gone", "pairs", "logs", "points"];

async function look({ sql }: MigrationProject) {
  const found: Record<string, unknown> = {};
  for (const table of tables) {
    const rows = await sql.unsafe(`select x::text as row from ${table} x order by 1`);
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

/** Applied, used and rolled back at home. */
async function rolledBack(): Promise<{
  project: MigrationProject;
  before: Record<string, unknown>;
}> {
  const project = await withMigrations(files);
  const { sql } = project;
  await setForAll(project, atHome);
  await project.mustRun(["migrate"]);
  await sql.unsafe(`
    set timezone = 'UTC'; set quote_all_identifiers = off;
    insert into users values (1, 'Ann', '2024-01-02 03:04:05+00', 'Example', '{a,NULL,b}', 'users'), (2, 'Ben', '2024-07-02 03:04:05+00', 'Other', null, null);
    insert into readings values ('2024-01-02 03:04:05+00', 1, 'kg'), ('2024-07-02 03:04:05+00', 2, 'm');
    insert into visits values ('2024-01-02 03:04:05+00', 'Ann', 'first'), ('2024-07-02 03:04:05+00', 'Ann', 'second');
    insert into gone values ('2024-02-02 12:00+00', 'goes'), ('2024-02-02 12:00+00', 'goes'), ('2024-02-20 12:00+00', 'stays'), ('2024-03-01 12:00+00', 'stays');
    insert into pairs values (1, '2023-12-31 23:30+00'), (2, '2024-01-01 23:30+00'), (3, '2024-01-01 12:00+00');
    insert into logs values ('2024-01-02 03:04:05+00', '[2024-01-01 00:00+00,)'), ('2024-01-02 03:04:05+00', null);
    update points set n = 5; insert into points values ('2024-07-02 03:04:05+00', 6);`);
  const before = await look(project);
  const back = await project.run(["rollback", "--keep-data"]);
  expect(back.stderr).not.toContain("error");
  expect(back.stdout).toContain("kept public.gone: 2 rows");
  expect(back.stdout).toContain("kept public.pairs: 2 rows");
  return { project, before };
}

test("what one session has kept another puts back, whatever its time zone and ways of writing", async () => {
  const { project, before } = await rolledBack();
  await using _ = project;
  await setForAll(project, abroad);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).not.toContain("left in");
  expect(await look(project)).toEqual(before);
  expect(
    await project.sql`select relname from pg_class where relnamespace = 'pgwright'::regnamespace and relkind = 'r'`,
  ).toEqual([{ relname: "kept_data" }]);
});

test("so does the SQL of --leave-kept, in a third session, and sees what has changed", async () => {
  const { project, before } = await rolledBack();
  await using _ = project;
  await setForAll(project, abroad);
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(left.stderr).not.toContain("error");
  expect(left.stderr).not.toContain("cannot be noted");
  const reserved = await project.sql.reserve();
  await reserved.unsafe(
    "set timezone = 'Asia/Tokyo'; update users set tags = '{newer}' where id = 2",
  );
  await reserved.unsafe(left.stdout.slice(left.stdout.indexOf("begin;"))).simple();
  expect(await reserved`show timezone`).toEqual([{ TimeZone: "Asia/Tokyo" }]);
  await reserved.unsafe("set timezone = 'UTC'");
  reserved.release();
  expect(await project.sql`select tags::text from users where id = 2`).toEqual([
    { tags: "{newer}" },
  ]);
  await project.sql`update users set tags = null where id = 2`;
  expect(await look(project)).toEqual(before);
});

test("statements of the files run in the time zone of the session, around what is kept and put back", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int primary key, zone text);\ninsert into t values (1, null);",
      "drop table t;",
    ),
    "002_x.sql": migration(
      "alter table t add x timestamptz;\nupdate t set zone = 'up ' || current_setting('timezone');",
      "alter table t drop x;\nupdate t set zone = 'down ' || current_setting('timezone') where zone is null;",
    ),
  });
  const { sql } = project;
  await setForAll(project, atHome);
  await project.mustRun(["migrate"]);
  await sql`update t set x = '2024-01-02 03:04:05+00', zone = null`;
  await project.mustRun(["rollback", "--keep-data"]);
  expect(await sql`select zone from t`).toEqual([{ zone: "down Europe/Berlin" }]);
  await project.mustRun(["migrate"]);
  expect(await sql`select zone, x = '2024-01-02 03:04:05+00' as same from t`).toEqual([
    { zone: "up Europe/Berlin", same: true },
  ]);
});

test("data kept by a version that noted no time zone come back in that zone, and in no other by mistake", async () => {
  for (const zone of ["Europe/Berlin", "America/New_York"]) {
    await using project = await withMigrations({
      "001_t.sql": migration(
        "create table t (id int primary key, at timestamptz, x text);",
        "drop table t;",
      ),
      "002_x.sql": migration("update t set x = 'up';", "update t set x = 'down';"),
    });
    const { sql } = project;
    await setForAll(project, { timezone: "Europe/Berlin" });
    await project.mustRun(["migrate"]);
    await sql`insert into t values (1, '2024-01-02 03:04:05+00', 'kept')`;
    await project.mustRun(["rollback", "--keep-data"]);
    await sql.unsafe(`
      update pgwright.kept_data set shape = shape - 'zone';
      set timezone = 'Europe/Berlin'; set datestyle = 'ISO, YMD';
      update pgwright.kept_1 set pgwright_after = md5(t::text) from t;`);
    await setForAll(project, { timezone: zone });
    await project.mustRun(["migrate"]);
    expect(await sql`select x from t`).toEqual([{ x: zone === "Europe/Berlin" ? "kept" : "up" }]);
  }
});
