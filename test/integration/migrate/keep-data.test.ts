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
  expect(back.stdout).toContain("kept public.users.last_name: 4 rows in pgwright.kept_1");
  expect(await sql`select * from users where id = 1`).toEqual([{ id: 1, full_name: "Ann" }]);
  expect(await sql`select id, last_name from pgwright.kept_1 order by id`).toEqual([
    { id: "1", last_name: "Example" },
    { id: "2", last_name: "山田" },
    { id: "4", last_name: "Away" },
    { id: "5", last_name: "Name" },
  ]);
  await sql`delete from users where id = 4`;
  await sql`update users set full_name = 'New' where id = 5`;
  await sql`insert into users (full_name) values ('Later')`;

  const again = await project.run(["migrate"]);
  expect(again.stderr).not.toContain("error");
  expect(again.stdout).toContain(
    "public.users.last_name: 3 rows put back, 1 left in pgwright.kept_1",
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
