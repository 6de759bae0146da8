/** The rights to migrate, and what an ordinary role may not look at. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { examineDatabase, find, follow, sessionOn, withRole } from "../support/doctor.ts";

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
