import { expect, test } from "vitest";
import { readCatalog } from "../../support/catalog.ts";
import { withLogin } from "../../support/login.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const one = { "001_t.sql": migration("create table t (id int);", "drop table t;") };

const foreign: [tool: string, create: string][] = [
  ["Rails or dbmate", "create table schema_migrations (version varchar primary key)"],
  ["Rails or dbmate", "create table schema_migrations (version varchar(128) primary key)"],
  [
    "golang-migrate",
    "create table schema_migrations (version bigint primary key, dirty boolean not null)",
  ],
  [
    "diesel",
    "create table schema_migrations (version varchar(50) primary key, run_on timestamp not null default now())",
  ],
  ["Ecto", "create table schema_migrations (version bigint primary key, inserted_at timestamp(0))"],
];

test.each(foreign)("the ledger of %s is named and left alone: %s", async (tool, create) => {
  await using project = await withMigrations(one);
  await project.sql.unsafe(create);
  const before = await readCatalog(project.sql);
  for (const command of ["migrate", "status", "rollback"]) {
    const run = await project.run([command]);
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("error[ledger-foreign]");
    expect(run.stderr).toContain(`belongs to ${tool}`);
  }
  expect(await readCatalog(project.sql)).toEqual(before);
});

test("a table that merely has the name of the ledger or of its log is left alone", async () => {
  await using project = await withMigrations(one);
  const { sql } = project;
  await sql`create table schema_migrations_log (line text)`;
  const log = await project.run(["migrate"]);
  expect(log.code).toBe(4);
  expect(log.stderr).toContain("error[ledger-foreign]");
  expect(await sql`select to_regclass('schema_migrations') as ledger`).toEqual([{ ledger: null }]);
  await sql`drop table schema_migrations_log`;
  await sql`create view schema_migrations as select 'x' as version, 1 as other`;
  const view = await project.run(["migrate"]);
  expect(view.code).toBe(4);
  expect(view.stderr).toContain("is not a pgwright ledger");
});

test("a ledger in a schema and table with hostile names", async () => {
  await using project = await withMigrations(one, {
    yaml: `migrations: { schema: 'My "Order"', table: select }\n`,
  });
  const { sql } = project;
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql.unsafe(`select version from "My ""Order"""."select"`)).toEqual([
    { version: "001" },
  ]);
  expect((await project.run(["migrate"])).stdout).toContain("Nothing to apply");
  expect((await project.run(["rollback"])).code).toBe(0);
  expect(await sql.unsafe(`select event from "My ""Order""".select_log order by id`)).toEqual([
    { event: "apply" },
    { event: "rollback" },
  ]);
});

test("two ledgers in one database do not exclude each other", async () => {
  await using project = await withMigrations(one);
  const { sql } = project;
  await project.run(["migrate"]);
  // Somebody holds the lock of the ledger public.schema_migrations.
  const blocker = await sql.reserve();
  const { lockKey } = await import("../../../src/db/lock.ts");
  await blocker.unsafe(`select pg_advisory_lock(${lockKey("migrate public.schema_migrations")})`);
  const waiting = await project.run(["migrate", "--lock-wait", "1"]);
  expect(waiting.code).toBe(3);
  expect(waiting.stderr).toContain("waiting for the migration lock held by pid");
  expect(waiting.stderr).toContain("error[migration-lock]");
  await project.write("002_u.sql", migration("create table u (id int);", "drop table u;"));
  await project.remove("001_t.sql");
  const { writeFile } = await import("node:fs/promises");
  await writeFile(`${project.path}/pgwright.yaml`, "migrations: { table: other }\n");
  expect((await project.run(["migrate", "--lock-wait", "1"])).code).toBe(0);
  blocker.release();
});

test("migrations.role is created, owns what migrations make, and can be taken up by its members", async () => {
  await using login = await withLogin("createrole");
  const owner = `Owner ${login.name}`;
  await using project = await withMigrations(
    {
      "001_app.sql": migration(
        "create schema app; create table app.t (id int); create index concurrently i on app.t (id);",
        "drop schema app cascade;",
      ),
    },
    { yaml: `migrations: { role: '${owner}' }\n` },
  );
  const { sql } = project;
  login.alsoDrop(owner);
  const url = login.urlOf(project.database.url);
  // It may create roles, but not give away rights on a database that is not its own.
  const refused = await project.run(["migrate"], { url });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("error[role-unusable]");
  expect(refused.stderr).toContain(
    `grant create on database "${project.database.name}" to "${owner}";`,
  );
  await sql.unsafe(`grant create on database "${project.database.name}" to "${owner}"`);
  const denied = await project.run(["migrate"], { url });
  expect(denied.code).toBe(4);
  expect(denied.stderr).toContain("error[ledger-denied]");
  expect(denied.stderr).toContain(`grant create on schema public to "${login.name}";`);
  await sql.unsafe(`grant create on schema public to "${login.name}"`);
  const done = await project.run(["migrate"], { url });
  expect(done.stderr).toContain("✓ 001_app.sql");
  expect(done.code).toBe(0);
  expect(
    await sql`select relname, relowner::regrole::text as owner from pg_class
              where relname in ('t', 'i', 'schema_migrations') order by relname`,
  ).toEqual([
    { relname: "i", owner: `"${owner}"` },
    { relname: "schema_migrations", owner: `"${login.name}"` },
    { relname: "t", owner: `"${owner}"` },
  ]);
  expect((await project.run(["rollback"], { url })).code).toBe(0);
});

test("a login that may not become the role is told the exact statements", async () => {
  await using login = await withLogin();
  const owner = `Owner ${login.name}`;
  await using project = await withMigrations(one, { yaml: `migrations: { role: '${owner}' }\n` });
  const { sql } = project;
  const url = login.urlOf(project.database.url);
  const none = await project.run(["migrate"], { url });
  expect(none.code).toBe(4);
  expect(none.stderr).toContain("error[role-unusable]");
  expect(none.stderr).toContain(`create role "${owner}" nologin bypassrls;`);
  // What it says is enough: run as printed, it lets the migration through.
  const [, hint = ""] = none.stderr.split("have a superuser run:\n");
  await sql.unsafe(hint).simple();
  login.alsoDrop(owner);
  await sql.unsafe(`grant create on schema public to "${login.name}", "${owner}"`);
  expect((await project.run(["migrate"], { url })).code).toBe(0);
});

test("a ledger made by another role: the missing rights are named", async () => {
  await using login = await withLogin();
  await using project = await withMigrations(one);
  await project.run(["migrate"]);
  const url = login.urlOf(project.database.url);
  const status = await project.run(["status"], { url });
  expect(status.code).toBe(4);
  expect(status.stderr).toContain("error[ledger-denied]");
  const [, hint = ""] = status.stderr.split("have its owner run:\n");
  await project.sql.unsafe(hint).simple();
  expect((await project.run(["status"], { url })).code).toBe(0);
  const migrate = await project.run(["migrate"], { url });
  expect(migrate.code).toBe(4);
  expect(migrate.stderr).toContain("may not write the ledger public.schema_migrations");
  const [, more = ""] = migrate.stderr.split("have its owner run:\n");
  await project.sql.unsafe(more).simple();
  expect((await project.run(["migrate"], { url })).code).toBe(0);
});

test("a protected environment marks its database at the first migrate", async () => {
  await using project = await withMigrations(one, {
    yaml: "environments:\n  production:\n    url: ${URL}\n    protected: true\n",
  });
  const { runCommand } = await import("../../support/cli.ts");
  const inProduction = (...args: string[]) =>
    runCommand([...args, "--env", "production"], {
      cwd: project.path,
      env: { URL: project.database.url },
    });
  expect((await inProduction("migrate", "--dry-run")).code).toBe(0);
  expect(await project.sql`select to_regclass('pgwright.protection') as mark`).toEqual([
    { mark: null },
  ]);
  expect((await inProduction("migrate")).code).toBe(0);
  expect(await project.sql`select database_name from pgwright.protection`).toEqual([
    { database_name: project.database.name },
  ]);
  expect((await inProduction("migrate")).code).toBe(0);
});
