/** Kept values of columns that are a part of keys: nothing else tells their rows apart. */
import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

test("a key that others refer to, and have in their own key, comes back with them", async () => {
  await using project = await withMigrations({
    "001_o.sql": migration(
      `create table o (id int primary key, a int, b text);
       create table l (oid int references o on delete cascade on update cascade, n int, t text, primary key (oid, n));
       create table m (oid int references o on update cascade, n int, t text, primary key (oid, n));`,
      "drop table m, l, o;",
    ),
    "002_move.sql": migration(
      "alter table m add column note text;",
      `alter table m drop column note;
       update o set id = id + 1000 where id between 40 and 45;`,
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  // Many are alike in all but the key.
  await sql.unsafe(`insert into o select g, 1, 'b' || g / 50 from generate_series(1, 100) g;
    insert into l select g, 1, 'x' from generate_series(1, 100) g;
    insert into m select g, 1, 'x', 'note ' || g from generate_series(1, 100) g`);
  const look = async () => [
    await sql`select * from l order by oid`,
    await sql`select * from m order by oid`,
    await sql`select * from o order by id`,
  ];
  const before = await look();
  await project.mustRun(["rollback", "--keep-data"]);
  // A row that has come since stays where it is.
  await sql`insert into m values (7, 2, 'x'), (8, 1001, 'y')`;
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  await sql`delete from m where n > 1`;
  expect(await look()).toEqual(before);
  expect(await sql`select sum(rows_left)::int as left from pgwright.kept_data`).toEqual([
    { left: 0 },
  ]);

  await project.mustRun(["rollback", "--keep-data"]);
  const left = await project.run(["migrate", "--leave-kept"]);
  expect(await sql`select count(*)::int as n from l where oid > 1000`).toEqual([{ n: 6 }]);
  const reserved = await sql.reserve();
  await reserved.unsafe(left.stdout.slice(left.stdout.indexOf("begin;"))).simple();
  reserved.release();
  expect(await look()).toEqual(before);
});

test("rows come back behind the key that they refer to", async () => {
  await using project = await withMigrations({
    "001_o.sql": migration(
      `create table o (id int primary key, a int);
       create table l (oid int references o on update cascade, n int, primary key (oid, n));`,
      "drop table l, o;",
    ),
    "002_move.sql": migration(
      "select 1;",
      "delete from l where n = 1;\nupdate o set id = id + 1000 where id > 4;",
    ),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql.unsafe(`insert into o select g, g from generate_series(1, 9) g;
    insert into l select g, n from generate_series(1, 9) g, generate_series(1, 2) n`);
  const look = async () => [
    await sql`select * from l order by oid, n`,
    await sql`select * from o order by id`,
  ];
  const before = await look();
  await project.mustRun(["rollback", "--keep-data"]);
  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(await look()).toEqual(before);
});
