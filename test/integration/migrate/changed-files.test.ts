import { expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";

const two = {
  "001_create_users.sql": migration("create table users (id int);", "drop table users;"),
  "002_add_name.sql": migration(
    "alter table users add name text;",
    "alter table users drop column name;",
  ),
};

test("a checksum that was altered in the ledger is told from a changed file", async () => {
  await using project = await withMigrations(two);
  await project.mustRun(["migrate"]);
  await project.sql`update schema_migrations set checksum = repeat('0', 64) where version = '001'`;
  const refused = await project.run(["migrate"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain(
    "error[checksum-mismatch]: `001_create_users.sql` has another checksum than the one recorded, though it has not changed",
  );
  expect(refused.stderr).toContain(
    "the checksum recorded in public.schema_migrations is not that of this text",
  );
  expect(refused.stderr).not.toContain("semantic");
  await project.mustRun(["repair", "checksum", "001", "--reason", "altered by hand"]);
  await project.mustRun(["migrate"]);
});

test("a changed file is an error that says how it differs; repair checksum accepts it", async () => {
  await using project = await withMigrations(two);
  const { sql } = project;
  await project.run(["migrate"]);
  await project.write(
    "001_create_users.sql",
    migration("-- who is who\ncreate  table users (id int);", "drop table users;"),
  );
  const cosmetic = await project.run(["migrate"]);
  expect(cosmetic.code).toBe(4);
  expect(cosmetic.stderr).toContain("error[checksum-mismatch]");
  expect(cosmetic.stderr).toContain("001_create_users.sql: cosmetic");
  expect(cosmetic.stderr).toContain("+-- who is who");
  expect(cosmetic.stderr).toContain("repair checksum 001");
  expect((await project.run(["status"])).stdout).toMatch(/001\s+changed/);
  await project.write(
    "001_create_users.sql",
    migration("create table users (id bigint);", "drop table users;"),
  );
  const semantic = await project.run(["migrate", "--dry-run"]);
  expect(semantic.code).toBe(4);
  expect(semantic.stderr).toContain("001_create_users.sql: semantic");
  expect(semantic.stderr).toContain("-create table users (id int);");
  expect(semantic.stderr).toContain("+create table users (id bigint);");
  const dry = await project.run(["repair", "checksum", "1", "--reason", "why not", "--dry-run"]);
  expect(dry.stdout).toContain("update public.schema_migrations set checksum");
  expect((await project.run(["migrate"])).code).toBe(4);
  const repaired = await project.run(["repair", "checksum", "1", "--reason", "why not"]);
  expect(repaired.code).toBe(0);
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(
    await sql`select version, reason, up_sql from schema_migrations_log where event = 'checksum'`,
  ).toEqual([{ version: "001", reason: "why not", up_sql: "create table users (id bigint);\n" }]);
  // The order of application is that of the migration, not of its repair.
  const back = await project.json(["rollback"]);
  expect(back.body.result.rolledBack[0].version).toBe("002");
  const again = await project.run(["repair", "checksum", "1", "--reason", "x"]);
  expect(again.code).toBe(4);
  expect(again.stderr).toContain("error[repair-refused]");
});

test("rollback of a changed file prints the stored SQL and runs that", async () => {
  await using project = await withMigrations(two);
  const { sql } = project;
  await project.run(["migrate"]);
  await project.write(
    "002_add_name.sql",
    migration("alter table users add nom text;", "alter table users drop column nom;"),
  );
  const back = await project.json(["rollback"]);
  expect(back.code).toBe(0);
  expect(back.stderr).toContain("its file has changed since it was applied");
  expect(back.stderr).toContain("alter table users drop column name;");
  expect(back.body.result.rolledBack).toMatchObject([{ version: "002", source: "stored" }]);
  expect(
    await sql`select column_name from information_schema.columns where table_name = 'users'`,
  ).toEqual([{ column_name: "id" }]);
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("a down section that was corrected after the fact is the one that runs, and is named", async () => {
  await using project = await withMigrations(two);
  await project.run(["migrate"]);
  await project.write(
    "002_add_name.sql",
    migration("alter table users add name text;", "alter table users drop column if exists name;"),
  );
  const back = await project.json(["rollback"]);
  expect(back.stderr).toContain(
    "its down section has changed since it was applied; the file's is used",
  );
  expect(back.body.result.rolledBack).toMatchObject([{ source: "file" }]);
});

test("a mistake in the down section is found before anything is undone", async () => {
  await using project = await withMigrations(two);
  await project.run(["migrate"]);
  await project.write(
    "001_create_users.sql",
    migration("create table users (id int);", "drop tble users;"),
  );
  const back = await project.run(["rollback", "--all"]);
  expect(back.code).toBe(4);
  expect(back.stderr).toContain("error[migrations-invalid]");
  expect(back.stderr).toMatch(/001_create_users\.sql:4:6/);
  expect(await project.sql`select count(*)::int from schema_migrations`).toEqual([{ count: 2 }]);
});

test("an applied migration without its file stops migrate, and can be rolled back or forgotten", async () => {
  await using project = await withMigrations({
    ...two,
    "003_last.sql": migration("create table last (id int);", "drop table last;"),
  });
  await project.run(["migrate"]);
  await project.remove("002_add_name.sql");
  const missing = await project.run(["migrate"]);
  expect(missing.code).toBe(4);
  expect(missing.stderr).toContain("error[file-missing]");
  expect(missing.stderr).toContain("002 002_add_name.sql");
  expect((await project.run(["status"])).stdout).toMatch(/002\s+missing/);
  const back = await project.run(["rollback", "--steps", "2"]);
  expect(back.code).toBe(0);
  expect(back.stderr).toContain("its file is gone");
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("repair applied and reverted change the ledger and nothing else", async () => {
  await using project = await withMigrations(two);
  const { sql } = project;
  const dry = await project.run(["repair", "applied", "001", "--reason", "r", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain("create table public.schema_migrations (");
  expect(await sql`select to_regclass('schema_migrations') as ledger`).toEqual([{ ledger: null }]);
  const applied = await project.run(["repair", "applied", "001", "--reason", "by hand"]);
  expect(applied.stdout).toContain("001_create_users.sql is recorded as applied");
  expect((await project.run(["repair", "applied", "001", "--reason", "x"])).code).toBe(4);
  expect(await sql`select to_regclass('users') as users`).toEqual([{ users: null }]);
  const failed = await project.run(["migrate"]);
  expect(failed.stderr).toContain('relation "users" does not exist');
  const reverted = await project.run(["repair", "reverted", "001", "--reason", "a mistake"]);
  expect(reverted.code).toBe(0);
  const refused = await project.run(["repair", "reverted", "001", "--reason", "x"]);
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain("001_create_users.sql is not recorded as applied");
  expect((await project.run(["repair", "reverted", "9", "--reason", "x"])).code).toBe(4);
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(
    await sql`select event, direction, reason from schema_migrations_log where event = 'repair' order by id`,
  ).toEqual([
    { event: "repair", direction: "up", reason: "by hand" },
    { event: "repair", direction: "down", reason: "a mistake" },
  ]);
  expect((await project.run(["repair", "applied", "001"])).code).toBe(2);
});

test("an older release accepts a database that is ahead by minor changes, not by major ones", async () => {
  await using project = await withMigrations({
    ...two,
    "003_minor.sql": migration("create table extra (id int);", "drop table extra;"),
  });
  await project.run(["migrate"]);
  await project.remove("003_minor.sql");
  const minor = await project.json(["migrate"]);
  expect(minor.code).toBe(0);
  expect(minor.stderr).toContain(
    "the database is ahead of these files: 003 (minor) is applied and unknown here; recorded as compatible",
  );
  expect(minor.body.result.ahead).toEqual(["003"]);
  expect((await project.run(["status", "--exit-code"])).code).toBe(0);
  await project.write(
    "004_major.sql",
    migration("alter table users drop column name;", "alter table users add name text;"),
  );
  await project.write(
    "003_minor.sql",
    migration("create table extra (id int);", "drop table extra;"),
  );
  await project.run(["migrate"]);
  await project.remove("003_minor.sql");
  await project.remove("004_major.sql");
  const major = await project.run(["migrate"]);
  expect(major.code).toBe(4);
  expect(major.stderr).toContain("error[database-ahead]");
  expect(major.stderr).toContain("004 004_major.sql: a major change");
  expect(major.stderr).not.toContain("003 003_minor.sql");
  const allowed = await project.run(["migrate", "--allow-newer"]);
  expect(allowed.code).toBe(0);
  expect(allowed.stderr).toContain(
    "003 (minor), 004 (major) are applied and unknown here; --allow-newer goes on all the same",
  );
});

test("irreversible migrations say why, and what can be done", async () => {
  await using project = await withMigrations({
    ...two,
    "003_hash.sql": "-- migrate:up\nselect 1;\n-- irreversible: the old hashes are gone\n",
  });
  await project.run(["migrate"]);
  const back = await project.run(["rollback", "--all"]);
  expect(back.code).toBe(4);
  expect(back.stderr).toContain(
    "error[irreversible]: 003_hash.sql is irreversible: the old hashes are gone",
  );
  expect(back.stderr).toContain("nothing was rolled back");
  expect(await project.sql`select count(*)::int from schema_migrations`).toEqual([{ count: 3 }]);
});

test("a file with CRLF, a BOM and no last line break is the same migration", async () => {
  const up = "create table t (\n  a int\n);\ncomment on table t is 'one\ntwo';";
  const text = migration(up, "drop table t;");
  await using unix = await withMigrations({ "001_t.sql": text });
  await using windows = await withMigrations({
    "001_t.sql": `\uFEFF${text.trimEnd().replaceAll("\n", "\r\n")}`,
  });
  for (const project of [unix, windows]) expect((await project.run(["migrate"])).code).toBe(0);
  const look = `select version, checksum, description, obj_description('t'::regclass) as comment
                from schema_migrations`;
  expect(await windows.sql.unsafe(look)).toEqual(await unix.sql.unsafe(look));
  const stored = "select up_sql, down_sql, up_checksum, down_checksum from schema_migrations_log";
  expect(await windows.sql.unsafe(stored)).toEqual(await unix.sql.unsafe(stored));
  // Checked out anew with other line ends: nothing has changed.
  await unix.write("001_t.sql", text.replaceAll("\n", "\r\n"));
  expect((await unix.run(["migrate"])).stdout).toContain("Nothing to apply");
  expect((await unix.run(["rollback"])).stderr).not.toContain("stored");
});
