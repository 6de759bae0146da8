import { expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { countAdvisoryLocks, readCatalog } from "../../support/catalog.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const three = {
  "001_create_users.sql": migration(
    "create table users (id int primary key);",
    "drop table users;",
  ),
  "002_add_name.sql": migration(
    "alter table users add name text;",
    "alter table users drop column name;",
  ),
  "003_index_name.sql": migration("create index by_name on users (name);", "drop index by_name;"),
};

/** Versions in the order of application. */
async function applied(sql: { unsafe(text: string): PromiseLike<unknown> }): Promise<string[]> {
  const rows = (await sql.unsafe(
    "select version from schema_migrations order by applied_at, version",
  )) as { version: string }[];
  return rows.map(({ version }) => version);
}

test("migrate applies everything in order, says so, and a second run changes nothing", async () => {
  await using project = await withMigrations(three);
  const { sql } = project;
  const first = await project.run(["migrate"]);
  expect(first.stderr).toContain(`database ${project.database.name} on`);
  expect(first.stderr).toMatch(/✓ 001_create_users\.sql minor → 0\.1\.0/);
  expect(first.stderr).toMatch(/✓ 003_index_name\.sql patch → 0\.2\.1/);
  expect(first.stdout).toBe("Applied 3 migrations: schema version 0.2.1\n");
  expect(first.code).toBe(0);
  expect(await applied(sql)).toEqual(["001", "002", "003"]);
  expect(
    await sql`select version, event, direction, file, change, schema_version, up_sql, down_sql,
                     role, tool_version is not null as has_tool, duration_ms >= 0 as has_duration
              from schema_migrations_log order by id limit 1`,
  ).toEqual([
    {
      version: "001",
      event: "apply",
      direction: "up",
      file: "001_create_users.sql",
      change: "minor",
      schema_version: "0.1.0",
      up_sql: "create table users (id int primary key);\n",
      down_sql: "drop table users;\n",
      role: new URL(project.database.url).username,
      has_tool: true,
      has_duration: true,
    },
  ]);
  const before = await readCatalog(sql);
  const second = await project.run(["migrate"]);
  expect(second.stdout).toBe("Nothing to apply: schema version 0.2.1\n");
  expect(second.code).toBe(0);
  expect(await readCatalog(sql)).toEqual(before);
  expect(await countAdvisoryLocks(sql)).toBe(0);
});

test("--to and --steps leave the rest pending and say so", async () => {
  await using project = await withMigrations(three);
  const to = await project.json(["migrate", "--to", "1"]);
  expect(to.body.result.applied.map((row: { version: string }) => row.version)).toEqual(["001"]);
  expect(to.body.result.left).toEqual(["002_add_name.sql", "003_index_name.sql"]);
  const steps = await project.run(["migrate", "--steps", "1"]);
  expect(steps.stdout).toContain("1 migration still pending");
  expect(await applied(project.sql)).toEqual(["001", "002"]);
  const unknown = await project.run(["migrate", "--to", "17"]);
  expect(unknown.code).toBe(4);
  expect(unknown.stderr).toContain("error[version-unknown]");
  expect(await applied(project.sql)).toEqual(["001", "002"]);
});

test("--dry-run prints what would run and creates nothing", async () => {
  await using project = await withMigrations({
    ...three,
    "004_concurrent.sql": migration(
      "set work_mem = '64MB';\ncreate index concurrently by_id on users (id);\ncomment on table users is 'x';",
      "drop index by_id;",
    ),
  });
  const dry = await project.run(["migrate", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(await readCatalog(project.sql)).toEqual([]);
  // The text itself is a program: run by hand it gives what `migrate` gives.
  await using other = await withMigrations(three);
  const client = await other.sql.reserve();
  await client.unsafe("set client_min_messages = warning");
  await loadParser();
  for (const { text } of parseScript(dry.stdout)) await client.unsafe(text).simple();
  client.release();
  const migrated = await project.run(["migrate"]);
  expect(migrated.code).toBe(0);
  expect(await readCatalog(other.sql)).toEqual(await readCatalog(project.sql));
  const ledger = "select version, checksum, description from schema_migrations order by version";
  expect(await other.sql.unsafe(ledger)).toEqual(await project.sql.unsafe(ledger));
  const log = `select version, event, statement, up_checksum, up_sql, down_sql, change, schema_version
               from schema_migrations_log order by id`;
  expect(await other.sql.unsafe(log)).toEqual(await project.sql.unsafe(log));
});

test("--dry-run says how an index on a partitioned table is built", async () => {
  await using project = await withMigrations({
    "001_i.sql": migration("create index concurrently i on app.p (id);", "drop index app.i;"),
  });
  await project.sql.unsafe(`create schema app; create table app.p (id int) partition by range (id);
    create table app."P 1" partition of app.p default;`);
  const dry = await project.run(["migrate", "--dry-run"]);
  expect(dry.stdout).toContain(
    '-- built concurrently on each leaf, and attached: app."P 1"\ncreate index concurrently i on app.p (id);\n',
  );
});

test("an index on a partitioned table keeps its tablespace on every leaf", async () => {
  await using project = await withMigrations({
    "001_i.sql": migration(
      "create index concurrently i on p (a) tablespace pgwright_space where a > 0;",
      "drop index i;",
    ),
  });
  const { sql } = project;
  await sql.unsafe("create table p (a int) partition by range (a)");
  await sql.unsafe("create table p1 partition of p for values from (0) to (10)");
  await sql.unsafe("create table p2 partition of p default partition by range (a)");
  await sql.unsafe("create table p21 partition of p2 for values from (20) to (30)");
  const session = await sql.reserve();
  await session.unsafe("set allow_in_place_tablespaces = on");
  await session.unsafe("create tablespace pgwright_space location ''");
  session.release();
  try {
    await project.mustRun(["migrate"]);
    expect(
      await sql`
        select i.indexrelid::regclass::text as index, s.spcname as space, i.indisvalid as valid
        from pg_partition_tree('i') t join pg_index i on i.indexrelid = t.relid
        join pg_class c on c.oid = t.relid left join pg_tablespace s on s.oid = c.reltablespace
        order by 1`,
    ).toEqual(
      ["i", "p1_i", "p21_p2_i", "p2_i"].map((index) => ({
        index,
        space: "pgwright_space",
        valid: true,
      })),
    );
  } finally {
    await sql`drop table p`;
    await sql`drop tablespace pgwright_space`;
  }
});

test("a concurrent index that a foreign partition keeps from ever being valid is refused", async () => {
  await using project = await withMigrations({
    "001_i.sql": migration("create index concurrently i on p (a);", "drop index i;"),
  });
  const { sql } = project;
  await sql.unsafe("create table p (a int) partition by range (a)");
  await sql.unsafe("create table p1 partition of p for values from (0) to (10)");
  await sql.unsafe(
    "create foreign data wrapper nowhere; create server away foreign data wrapper nowhere",
  );
  await sql.unsafe("create foreign table p2 partition of p default server away");
  const { body, code } = await project.json(["migrate"]);
  expect(code).toBe(4);
  expect(body.error.code).toBe("index-invalid");
  expect(body.error.message).toContain("p2 is a foreign table");
  expect(await sql`select from pg_index where indrelid in ('p'::regclass, 'p1'::regclass)`).toEqual(
    [],
  );
});

test("rollback undoes the last one, several, down to a version, or all", async () => {
  await using project = await withMigrations(three);
  const { sql } = project;
  await project.run(["migrate"]);
  const one = await project.run(["rollback"]);
  expect(one.stdout).toBe("Rolled back 1 migration: schema version 0.2.0\n");
  expect(await applied(sql)).toEqual(["001", "002"]);
  await project.run(["migrate"]);
  const dry = await project.run(["rollback", "--steps", "2", "--dry-run"]);
  expect(dry.stdout).toMatch(/drop index by_name[\s\S]*drop column name/);
  expect(await applied(sql)).toEqual(["001", "002", "003"]);
  const to = await project.json(["rollback", "--to", "001"]);
  expect(to.body.result.rolledBack.map((row: { file: string }) => row.file)).toEqual([
    "003_index_name.sql",
    "002_add_name.sql",
  ]);
  expect(await applied(sql)).toEqual(["001"]);
  await project.run(["migrate"]);
  const all = await project.run(["rollback", "--all"]);
  expect(all.code).toBe(0);
  expect(await applied(sql)).toEqual([]);
  expect(await sql`select to_regclass('users') as users`).toEqual([{ users: null }]);
  const none = await project.run(["rollback"]);
  expect(none.stdout).toBe("Nothing to roll back: schema version 0.0.0\n");
  expect(none.code).toBe(0);
  const both = await project.run(["rollback", "--all", "--steps", "1"]);
  expect(both.code).toBe(2);
});

test("a rollback goes by the order of application, not by number", async () => {
  await using project = await withMigrations(three);
  const { sql } = project;
  await project.remove("002_add_name.sql");
  await project.remove("003_index_name.sql");
  await project.write(
    "003_index_id.sql",
    migration("create index i on users (id);", "drop index i;"),
  );
  await project.run(["migrate"]);
  await project.write("002_add_name.sql", three["002_add_name.sql"]);
  const late = await project.run(["migrate"]);
  expect(late.code).toBe(4);
  expect(late.stderr).toContain("error[migration-late]");
  expect(late.stderr).toContain("002_add_name.sql");
  expect(late.stderr).toContain("--out-of-order");
  expect((await project.run(["status"])).stdout).toContain("late");
  expect((await project.run(["migrate", "--out-of-order"])).code).toBe(0);
  expect(await applied(sql)).toEqual(["001", "003", "002"]);
  const back = await project.json(["rollback"]);
  expect(back.body.result.rolledBack[0].version).toBe("002");
});

test("redo undoes the last one and applies its file as it is now", async () => {
  await using project = await withMigrations(three);
  const { sql } = project;
  expect((await project.run(["redo"])).code).toBe(4);
  await project.run(["migrate"]);
  await project.write(
    "003_index_name.sql",
    migration("create index by_name on users (name desc);", "drop index by_name;"),
  );
  const redo = await project.run(["redo"]);
  expect(redo.stdout).toBe("Done again: 003_index_name.sql, schema version 0.2.1\n");
  expect(
    await sql`select indexdef like '%DESC%' as changed from pg_indexes where indexname = 'by_name'`,
  ).toEqual([{ changed: true }]);
  expect((await project.run(["status", "--exit-code"])).code).toBe(0);
});

test("redo finds a mistake in the file before it undoes anything", async () => {
  await using project = await withMigrations(three);
  await project.run(["migrate"]);
  await project.write("003_index_name.sql", migration("create indx oops;", "drop index by_name;"));
  const wrong = await project.run(["redo"]);
  expect(wrong.code).toBe(4);
  expect(wrong.stderr).toContain("error[migrations-invalid]");
  expect(await applied(project.sql)).toEqual(["001", "002", "003"]);
  await project.write(
    "003_index_name.sql",
    migration("create index by_name on users (nome);", "drop index by_name;"),
  );
  const failed = await project.json(["redo"]);
  expect(failed.code).toBe(4);
  expect(failed.body.error.code).toBe("sql-failed");
  expect(failed.body.error.notes.join("\n")).toContain("it is rolled back: 003_index_name.sql");
  expect(failed.body.result.down.rolledBack).toHaveLength(1);
  expect(failed.body.result.up.failed).toEqual({ file: "003_index_name.sql", statementsDone: 0 });
  expect(await applied(project.sql)).toEqual(["001", "002"]);
});

test("status tells states apart, for people and for programs", async () => {
  await using project = await withMigrations(three);
  const before = await project.json(["status"]);
  expect(before.body.result).toMatchObject({
    hasLedger: false,
    schemaVersion: "0.0.0",
    counts: { applied: 0, pending: 3 },
    isUpToDate: false,
  });
  expect(before.code).toBe(0);
  expect((await project.run(["status", "--exit-code"])).code).toBe(1);
  expect(await readCatalog(project.sql)).toEqual([]);
  await project.run(["migrate", "--to", "002"]);
  const shown = await project.run(["status"]);
  expect(shown.stdout).toMatch(
    /001\s+applied\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+minor\s+create users/,
  );
  expect(shown.stdout).toMatch(/003\s+pending/);
  expect(shown.stdout).toContain("next: pgwright migrate");
  await project.run(["migrate"]);
  expect((await project.run(["status", "--exit-code"])).code).toBe(0);
});

test("a failed statement is shown with its place, and what was and was not done", async () => {
  await using project = await withMigrations({
    ...three,
    "002_add_name.sql": migration(
      "alter table users add name text;\n\n-- Ümläut 😀\nselect\n  nothing_here from users;",
      "select 1;",
    ),
  });
  const failed = await project.run(["migrate"]);
  expect(failed.code).toBe(4);
  expect(failed.stderr).toContain(
    'error[sql-failed]: column "nothing_here" does not exist (42703)',
  );
  expect(failed.stderr).toMatch(/→ .*002_add_name\.sql:6:3/);
  expect(failed.stderr).toMatch(/nothing_here from users;\n\s*│?\s*\^/);
  expect(failed.stderr).toContain("nothing of 002_add_name.sql was kept");
  expect(failed.stderr).toContain("applied before it in this run: 001_create_users.sql");
  expect(failed.stderr).toContain("not attempted: 003_index_name.sql");
  expect(await applied(project.sql)).toEqual(["001"]);
  const again = await project.json(["migrate"]);
  expect(again.code).toBe(4);
  expect(again.body).toMatchObject({
    ok: false,
    exitCode: 4,
    result: {
      applied: [],
      failed: { file: "002_add_name.sql", statementsDone: 0 },
      notAttempted: ["003_index_name.sql"],
    },
    error: { code: "sql-failed", sqlstate: "42703", at: { line: 6, column: 3 } },
  });
});

test("an error without a position still names its statement", async () => {
  await using project = await withMigrations({
    "001_twice.sql": migration(
      "create table t (id int);\ncreate table u (id int);\n  create table t (id int);",
      "drop table t, u;",
    ),
    "002_deferred.sql": migration("select 1;", "select 1;"),
  });
  const failed = await project.run(["migrate"]);
  expect(failed.stderr).toMatch(/relation "t" already exists \(42P07\)/);
  expect(failed.stderr).toMatch(/→ .*001_twice\.sql:4:3/);
  expect(await applied(project.sql)).toEqual([]);
});

test("notices and warnings of a file are shown", async () => {
  await using project = await withMigrations({
    "001_talk.sql": migration(
      "do $$ begin raise notice 'hello from 001'; raise warning 'careful'; end $$;\ndrop table if exists nothing;",
      "select 1;",
    ),
  });
  const run = await project.run(["migrate"]);
  expect(run.stderr).toContain("001_talk.sql: hello from 001");
  expect(run.stderr).toContain("warning: 001_talk.sql: careful");
  expect(run.stderr).toContain('001_talk.sql: table "nothing" does not exist, skipping');
  expect(run.stderr).not.toContain("transaction in progress");
});

test("what a file sets does not reach the next one, but holds to its own end", async () => {
  const show = (name: string) =>
    `insert into seen select ${name}, current_setting('work_mem'), current_setting('search_path');`;
  await using project = await withMigrations({
    "001_set.sql": migration(
      `create table public.seen (file int, work_mem text, path text);
       create schema app; create table app.t (id int);
       set work_mem = '77MB';
       select pg_catalog.set_config('search_path', 'app, public', false);
       ${show("1")}
       create index concurrently i on t (id);
       ${show("2")}`,
      "drop schema app cascade; drop table seen;",
    ),
    "002_look.sql": migration(show("3"), "select 1;"),
  });
  expect((await project.run(["migrate"])).code).toBe(0);
  const [{ work_mem: standard } = { work_mem: "" }] = await project.sql<{ work_mem: string }[]>`
    select current_setting('work_mem') as work_mem`;
  expect(await project.sql`select * from seen order by file`).toEqual([
    { file: 1, work_mem: "77MB", path: "app, public" },
    { file: 2, work_mem: "77MB", path: "app, public" },
    { file: 3, work_mem: standard, path: '"$user", public' },
  ]);
});

test("repeatable files run again when they change, after everything else", async () => {
  await using project = await withMigrations({
    ...three,
    "R_user_names.sql": "create or replace view user_names as select name from users;\n",
  });
  const { sql } = project;
  const partly = await project.run(["migrate", "--to", "001"]);
  expect(partly.stdout).not.toContain("repeatable");
  const first = await project.run(["migrate"]);
  expect(first.stdout).toContain("and 1 repeatable file");
  expect((await project.run(["migrate"])).stdout).toContain("Nothing to apply");
  await project.write(
    "R_user_names.sql",
    "create or replace view user_names as select name, id from users;\n",
  );
  expect((await project.run(["status"])).stdout).toContain("to repeat R_user_names.sql");
  expect((await project.run(["status", "--exit-code"])).code).toBe(1);
  expect((await project.json(["migrate"])).body.result.repeated).toEqual(["R_user_names.sql"]);
  expect(
    await sql`select event, version from schema_migrations_log where event = 'repeat'`,
  ).toEqual([
    { event: "repeat", version: "R_user_names.sql" },
    { event: "repeat", version: "R_user_names.sql" },
  ]);
  expect(await applied(sql)).toEqual(["001", "002", "003"]);
});

test("migrations in TypeScript are applied and undone", async () => {
  await using project = await withMigrations({
    "001_create_users.ts": `
      import type { MigrationBuilder } from "node-pg-migrate";
      const table: string = "users";
      export function up(pgm: MigrationBuilder) {
        pgm.createTable(table, { id: "id", name: { type: "text", notNull: true } });
        pgm.createIndex(table, "name");
      }`,
  });
  const up = await project.run(["migrate"]);
  expect(up.stdout).toBe("Applied 1 migration: schema version 0.1.0\n");
  expect(
    await project.sql`select up_sql like '%CREATE TABLE "users"%' as stored from schema_migrations_log`,
  ).toEqual([{ stored: true }]);
  await project.remove("001_create_users.ts");
  const down = await project.run(["rollback"]);
  expect(down.code).toBe(0);
  expect(down.stderr).toContain(
    "its file is gone; the SQL stored when it was applied runs instead",
  );
  expect(await project.sql`select to_regclass('users') as users`).toEqual([{ users: null }]);
});
