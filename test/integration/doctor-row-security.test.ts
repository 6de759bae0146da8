/** Row security: what it fails to guard, and what it hides from those who must see all. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { find, follow, sessionOn, withRole } from "../support/doctor.ts";

test("policies where row security is off, and row security without a policy", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table "Order" (a int); create table silent (a int); create table fine (a int);
    create policy p on fine using (true); alter table fine enable row level security`);
  expect(await find(database, "doctor/rls-")).toEqual([]);
  await sql.unsafe(`create policy mine on "Order" using (a = 1); create policy theirs on "Order" using (a = 2);
    alter table silent enable row level security`);
  const findings = await find(database, "doctor/rls-");
  expect(findings).toMatchObject([
    {
      rule: "doctor/rls-off",
      severity: "error",
      object: 'public."Order"',
      message:
        'public."Order" has 2 policies (mine, theirs) that do nothing: row security is off there',
    },
    { rule: "doctor/rls-no-policy", severity: "warning", object: "public.silent" },
  ]);
  await follow(sql, findings[0]);
  await sql.unsafe("alter table silent disable row level security");
  expect(await find(database, "doctor/rls-")).toEqual([]);
});

test("partitions that can be read past the policies of their table", async () => {
  await using app = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table posts (a int) partition by range (a);
    create table "posts 1" partition of posts for values from (0) to (10);
    create table posts_2 partition of posts for values from (10) to (20);
    create table posts_3 partition of posts for values from (20) to (30);
    alter table posts enable row level security; create policy p on posts using (a = 1);
    alter table posts_3 enable row level security;
    grant select on posts to ${app.name}; insert into posts values (1), (2)`);
  expect(await find(database, "doctor/rls-")).toEqual([]);
  await sql.unsafe(`grant select on "posts 1", posts_2, posts_3 to ${app.name}`);
  const reader = sessionOn(database);
  await reader.unsafe(`set role ${app.name}`);
  expect(await reader.unsafe(`select a from "posts 1"`)).toHaveLength(2);
  const [finding, ...others] = await find(database, "doctor/rls-");
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    rule: "doctor/rls-partition",
    severity: "error",
    object: "public.posts",
    message: `2 partitions of public.posts can be read or written past its policies by ${app.name}: public."posts 1", public.posts_2`,
  });
  await follow(sql, finding);
  expect(await find(database, "doctor/rls-")).toEqual([]);
  expect(await reader.unsafe("select a from posts")).toHaveLength(1);
  await reader.end();
});

test("with very many partitions, the hint is a statement that writes the statements", async () => {
  await using app = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table "My posts" (a int) partition by range (a);
    alter table "My posts" enable row level security; create policy p on "My posts" using (a = 1)`);
  for (let i = 0; i < 21; i += 1) {
    await sql.unsafe(`create table "P ${i}" partition of "My posts" for values from (${i}) to (${i + 1});
      grant insert on "P ${i}" to ${app.name}`);
  }
  const [finding] = await find(database, "doctor/rls-partition");
  const query = /`(SELECT .*) \\gexec`/.exec(finding?.hint ?? "")?.[1] ?? "";
  for (const [statement] of await sql.unsafe(query).values()) await sql.unsafe(statement as string);
  expect(await find(database, "doctor/rls-")).toEqual([]);
});

test("FORCE hides rows from the owner, and from a materialized view it refreshes", async () => {
  await using owner = await withRole("nologin");
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`grant create on schema public to ${owner.name}; set role ${owner.name};
    create table visits (who int); insert into visits values (1), (2);
    create view recent as select * from visits;
    create materialized view "Stats" as select count(*) from recent; reset role;
    alter table visits enable row level security; create policy own on visits to public using (who = 1)`);
  expect(await find(database, "doctor/rls-")).toEqual([]);

  await sql.unsafe("drop policy own on visits; alter table visits force row level security");
  const findings = await find(database, "doctor/rls-", { migrationsRole: owner.name });
  expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([
    ["doctor/rls-matview", "error"],
    ["doctor/rls-no-policy", "warning"],
    ["doctor/rls-role", "warning"],
  ]);
  expect(findings[0]?.message).toBe(
    `public."Stats" is refreshed as ${owner.name}, from whom row security hides every row of public.visits: the next REFRESH loses those rows and reports success`,
  );
  expect(findings[2]?.message).toBe(
    `row security hides every row of public.visits from ${owner.name}, the migrations role: its counts, backfills, exports, refreshes and validations of foreign keys miss those rows and report success`,
  );
  // It is as the finding says.
  await sql.unsafe(`refresh materialized view "Stats"`);
  expect(await sql.unsafe(`select * from "Stats"`)).toEqual([{ count: "0" }]);

  // A policy that shows a part makes it a part.
  await sql.unsafe("create policy own on visits to public using (who = 1)");
  const part = await find(database, "doctor/rls-");
  expect(part.map(({ rule, severity }) => [rule, severity])).toEqual([
    ["doctor/rls-role", "warning"],
    ["doctor/rls-matview", "warning"],
  ]);
  expect(part[0]?.message).toContain(
    `row security hides what policies do not allow in public.visits from ${owner.name}, who owns it`,
  );

  // Both ways out that are named: a policy of its own, and BYPASSRLS.
  await follow(sql, part[0], (statement) => statement.startsWith("CREATE POLICY"));
  expect(await find(database, "doctor/rls-")).toEqual([]);
  await sql.unsafe(`refresh materialized view "Stats"`);
  expect(await sql.unsafe(`select * from "Stats"`)).toEqual([{ count: "2" }]);
  await sql.unsafe("drop policy all_rows on visits");
  await follow(sql, part[1], (statement) => statement.startsWith("ALTER ROLE"));
  expect(await find(database, "doctor/rls-")).toEqual([]);
});

test("a restrictive policy takes back what USING (true) gives", async () => {
  await using owner = await withRole("nologin");
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`grant create on schema public to ${owner.name}; set role ${owner.name};
    create table t (a int); create materialized view m as select * from t; reset role;
    alter table t enable row level security; alter table t force row level security;
    create policy all_rows on t using (true)`);
  expect(await find(database, "doctor/rls-")).toEqual([]);
  await sql.unsafe("create policy but on t as restrictive using (a = 1)");
  expect((await find(database, "doctor/rls-")).map(({ rule }) => rule)).toEqual([
    "doctor/rls-role",
    "doctor/rls-matview",
  ]);
});

test("views that show what policies hide, also through another view", async () => {
  await using app = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table secrets (who text); insert into secrets values ('x');
    alter table secrets enable row level security; create policy p on secrets using (who = current_user);
    create view inside as select * from secrets;
    create view "Out side" as select * from inside;
    create view asks with (security_invoker = on) as select * from secrets;
    create view harmless as select 1 as one;
    create materialized view stored as select * from secrets;
    grant select on asks, secrets, harmless to ${app.name}`);
  expect(await find(database, "doctor/rls-")).toEqual([]);

  await sql.unsafe(
    `grant select on "Out side", stored to ${app.name}; grant select (who) on inside to ${app.name}`,
  );
  const reader = sessionOn(database);
  await reader.unsafe(`set role ${app.name}`);
  expect(await reader.unsafe(`select * from "Out side"`)).toHaveLength(1);
  expect(await reader.unsafe("select * from asks")).toHaveLength(0);
  const findings = await find(database, "doctor/rls-");
  expect(findings.map(({ rule, severity, object }) => [rule, severity, object])).toEqual([
    ["doctor/rls-view", "warning", 'public."Out side"'],
    ["doctor/rls-view", "warning", "public.inside"],
    ["doctor/rls-matview-open", "info", "public.stored"],
  ]);
  expect(findings[0]?.message).toContain(
    `shows every row of public.secrets to ${app.name}, whatever the policies say: it reads as `,
  );
  await follow(sql, findings[0]);
  expect(await reader.unsafe(`select * from "Out side"`)).toHaveLength(0);
  await follow(sql, findings[2]);
  expect(await find(database, "doctor/rls-")).toEqual([]);
  await reader.end();
});
