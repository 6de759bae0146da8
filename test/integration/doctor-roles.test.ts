/** Who sees and may do what: row security of tables, owners and views; the rights to migrate. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { examineDatabase, find, follow, sessionOn, withRole } from "../support/doctor.ts";

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

test("the migrations role: missing, not to be assumed, without rights in the database", async () => {
  await using me = await withRole();
  await using owner = await withRole("nologin");
  await using database = await withDatabase();
  const { sql } = database;
  const rules = ["doctor/role-", "doctor/ledger-"];
  const look = async (migrationsRole: string, role: typeof me | null = me) => {
    const { findings } = await examineDatabase(database, {
      migrationsRole,
      role: role ?? undefined,
    });
    return findings.filter(({ rule }) => rules.some((prefix) => rule.startsWith(prefix)));
  };

  const missing = await look("no such role");
  expect(missing.map(({ rule, severity, object }) => [rule, severity, object])).toEqual([
    ["doctor/role-missing", "warning", '"no such role"'],
    ["doctor/ledger-denied", "warning", "public"],
  ]);
  // A superuser creates it when it migrates, and may do everything else.
  expect(await look("no such role", null)).toMatchObject([
    { rule: "doctor/role-missing", severity: "info" },
  ]);
  expect(await look(owner.name, null)).toEqual([]);

  const denied = await look(owner.name);
  expect(denied.map(({ rule }) => rule)).toEqual([
    "doctor/role-not-settable",
    "doctor/role-no-schemas",
    "doctor/ledger-denied",
  ]);
  // Schema public belongs to whoever owns the database.
  const [superuser] = await sql<{ name: string }[]>`select quote_ident(current_user) as name`;
  expect(denied[2]?.hint).toBe(
    `as ${superuser?.name}: \`GRANT CREATE ON SCHEMA public TO ${me.name};\``,
  );
  for (const finding of denied) await follow(sql, finding);
  expect(await look(owner.name)).toEqual([]);

  const session = sessionOn(database);
  await session.unsafe(
    `set session authorization ${me.name}; begin; create table public.ledger (a int); set local role ${owner.name}; create schema fresh; rollback`,
  );
  await session.end();
});

test("a membership WITH SET FALSE of PostgreSQL 16 does not count", async () => {
  await using me = await withRole();
  await using owner = await withRole("nologin");
  await using database = await withDatabase();
  const { sql } = database;
  const [server] = await sql<{ number: number }[]>`
    select current_setting('server_version_num')::int as number`;
  const options = (server?.number ?? 0) >= 160_000 ? "with set false" : "";
  await sql.unsafe(`grant ${owner.name} to ${me.name} ${options}`);
  const findings = await find(database, "doctor/role-not-settable", {
    migrationsRole: owner.name,
    role: me,
  });
  expect(findings).toHaveLength(options === "" ? 0 : 1);
  for (const finding of findings) await follow(sql, finding);
  expect(
    await find(database, "doctor/role-not-settable", { migrationsRole: owner.name, role: me }),
  ).toEqual([]);
});

test("a ledger schema that must be made, and a ledger that is there", async () => {
  await using me = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  const look = () =>
    find(database, "doctor/ledger-denied", { role: me, ledgerSchema: "My Ledger" });
  const [finding] = await look();
  expect(finding?.message).toBe(`${me.name} may not create the ledger's schema "My Ledger"`);
  await follow(sql, finding);
  expect(await look()).toEqual([]);
  await sql.unsafe(
    `revoke create on schema "My Ledger" from ${me.name}; alter schema "My Ledger" owner to current_user`,
  );
  expect(await look()).toHaveLength(1);
  await sql.unsafe(
    `create table "My Ledger"."done so far" (version varchar(255) primary key, applied_at timestamptz, checksum varchar(64), description text)`,
  );
  expect(await look()).toEqual([]);
});

test("an ordinary role: every check answers or says what it may not see", async () => {
  await using me = await withRole();
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(
    `create table t (a serial) partition by range (a); create table t_rest partition of t default`,
  );
  const other = sessionOn(database);
  await other.unsafe("begin; select 1");
  const { findings, checks, facts } = await examineDatabase(database, { role: me });
  expect(facts?.role).toEqual({
    sessionRole: me.name,
    isSuperuser: false,
    canCreateRoles: false,
    canCreateDatabases: false,
    bypassesRls: false,
    readsStatistics: false,
  });
  const unseen = findings.filter(({ rule }) => rule === "doctor/cannot-look");
  expect(unseen.map(({ object }) => object)).toEqual([
    "default partition public.t_rest",
    "long transactions",
    "sequences and integer keys",
  ]);
  expect(checks.filter(({ state }) => state === "unseen").map(({ title }) => title)).toEqual([
    "partitions",
    "long transactions",
    "sequences and integer keys",
  ]);
  for (const finding of unseen) await follow(sql, finding);
  const after = await examineDatabase(database, { role: me });
  expect(after.findings.filter(({ rule }) => rule === "doctor/cannot-look")).toEqual([]);
  await other.unsafe("rollback");
  await other.end();
});
