import { expect, test } from "vitest";
import { eventually } from "../../../support/eventually.ts";
import { migration, withMigrations } from "../../../support/migration-project.ts";
import type { MigrationProject } from "../../../support/migration-project.ts";

/** A table in use: ids from 1 to 600, and an index. */
async function withTable(
  change: string,
  down = "select 1;",
  yaml = "migrations: {}\n",
): Promise<MigrationProject> {
  const project = await withMigrations({ "001_change.sql": migration(change, down) }, { yaml });
  await project.sql
    .unsafe(
      `create table t (id int, v int);
       insert into t select n, n from generate_series(1, 600) n;
       create index t_v on t (v);`,
    )
    .simple();
  return project;
}

const applied = async ({ sql }: MigrationProject) =>
  (await sql`select version from schema_migrations order by version`).map(({ version }) => version);

test("writers go on while the index is built and while rows are checked", async () => {
  await using project = await withTable(
    `create index on t (pace(id, 1));
     alter table t add check (pace(id, 2) > 0), alter v set not null;`,
  );
  const { sql } = project;
  // What comes to row 500 waits for us, in the middle of the table.
  await sql.unsafe(
    `create function pace(id int, place int) returns int immutable language plpgsql as $$
     begin
       if id = 500 then perform pg_advisory_xact_lock(place); end if;
       return id;
     end $$`,
  );
  const holder = await sql.reserve();
  await holder`select pg_advisory_lock(1), pg_advisory_lock(2)`;
  const running = project.start(["migrate", "--online"]);
  const writer = await sql.reserve();
  await writer`set lock_timeout = '5s'`;
  for (const place of [1, 2]) {
    const what = await eventually(async () => {
      const [row] = await sql<{ query: string }[]>`
        select query from pg_stat_activity
        where datname = current_database() and wait_event = 'advisory'`;
      return row?.query;
    }, "the migration to be in the middle");
    expect(what).toContain(place === 1 ? "CREATE INDEX CONCURRENTLY" : "VALIDATE CONSTRAINT");
    await writer`insert into t values (${place * 1000}, 1)`;
    await writer`update t set v = v + 1 where id = 3`;
    await writer`delete from t where id = ${place * 1000}`;
    expect(await writer`select count(*)::int from t`).toEqual([{ count: 600 }]);
    await holder`select pg_advisory_unlock(${place})`;
    if (place === 1) {
      await eventually(
        async () => (await sql`select from pg_constraint where conname = 't_id_check'`).length > 0,
        "the constraint",
      );
    }
  }
  holder.release();
  writer.release();
  expect(await running.done).toMatchObject({ code: 0 });
  expect(await applied(project)).toEqual(["001"]);
});

test("the plan is shown: what runs, in whose place, under which lock, and what stays", async () => {
  await using project = await withTable(
    "alter table t alter v set not null;\nalter table t alter id type bigint;",
  );
  const { code, stdout } = await project.run(["migrate", "--online", "--dry-run"]);
  expect(code).toBe(0);
  const [online, locks] = stdout.split("\n\n");
  expect(online).toBe(`-- online:
--   001_change.sql:2 alter table t alter v set not null
--     runs as ALTER TABLE t ADD CONSTRAINT t_v_not_null_online CHECK (v IS NOT NULL) NOT VALID
--     runs as ALTER TABLE t VALIDATE CONSTRAINT t_v_not_null_online
--     runs as ALTER TABLE t ALTER COLUMN v SET NOT NULL
--     runs as ALTER TABLE t DROP CONSTRAINT t_v_not_null_online
--   001_change.sql:3 alter table t alter id type bigint
--     stays as it is: the table is written anew, or every row of it is read: a new column, a backfill and a later drop do it step by step`);
  expect(locks?.split("\n").slice(3, 5)).toEqual([
    "--   001_change.sql:2 ALTER TABLE t VALIDATE CONSTRAINT t_v_not_null_online",
    expect.stringMatching(/^-- {5}SHARE UPDATE EXCLUSIVE on t \(.*\), reads all of it$/),
  ]);
  // What is printed does the work, by hand too.
  const session = await project.sql.reserve();
  await session.unsafe(stdout).simple();
  session.release();
  expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
  expect(
    await project.sql`select conname from pg_constraint where contype = 'c' and conrelid = 't'::regclass`,
  ).toEqual([]);
});

test("what stays as it is is said when it runs", async () => {
  await using project = await withTable("alter table t alter id type bigint;");
  const { code, stderr } = await project.run(["migrate", "--online"]);
  expect(code).toBe(0);
  expect(stderr).toContain(
    "warning: 001_change.sql:2 `alter table t alter id type bigint` is not online: the table is written anew",
  );
});

test("the configuration says it for every run, one run may say otherwise, and status tells which it was", async () => {
  await using project = await withTable(
    "create index on t (id);",
    "drop index t_id_idx;",
    "migrations: { online: true }\n",
  );
  await project.write("002_plain.sql", migration("create table plain ();", "drop table plain;"));
  const told = async () => {
    const { body } = await project.json(["status"]);
    const rows: { ranOnline: boolean }[] = body.result.migrations;
    return rows.map(({ ranOnline }) => ranOnline);
  };
  expect(await told()).toEqual([false, false]);
  const dry = await project.run(["migrate", "--dry-run"]);
  expect(dry.stdout).toContain("runs as CREATE INDEX CONCURRENTLY");
  await project.mustRun(["migrate", "--dry-run", "--output", "plan.json"]);
  await project.mustRun(["migrate", "--plan", "plan.json"]);
  expect(await told()).toEqual([true, false]);
  expect((await project.run(["status"])).stdout).toMatch(
    /^001 +applied, online +20.*\n002 +applied +20/m,
  );

  await project.mustRun(["rollback", "--all"]);
  expect(await told()).toEqual([false, false]);
  const plain = await project.run(["migrate", "--no-online", "--dry-run"]);
  expect(plain.stdout).not.toContain("CONCURRENTLY");
  await project.mustRun(["migrate", "--no-online"]);
  expect(await told()).toEqual([false, false]);
});

test("redo and setup do as migrate does", async () => {
  await using project = await withTable(
    "create index on t (id);",
    "drop index t_id_idx;",
    "migrations: { online: true }\n",
  );
  const ranOnline = async () => {
    const { body } = await project.json(["status"]);
    return body.result.migrations[0].ranOnline as boolean;
  };
  const dry = await project.run(["setup", "--dry-run"]);
  expect(dry.stdout).toContain("CREATE INDEX CONCURRENTLY");
  await project.mustRun(["setup"]);
  expect(await ranOnline()).toBe(true);

  const redone = await project.run(["redo", "--dry-run"]);
  expect(redone.stdout).toContain("create index on t (id)");
  expect(redone.stderr).toContain("the up section is shown as it is written");
  await project.mustRun(["redo", "--no-online"]);
  expect(await ranOnline()).toBe(false);
  await project.mustRun(["redo"]);
  expect(await ranOnline()).toBe(true);
  // The name that was free behind the rollback, not the one that the dry run would have seen.
  const rows =
    await project.sql`select indexrelid::regclass::text as index from pg_index where indrelid = 't'::regclass order by 1`;
  expect(rows.map(({ index }) => index)).toEqual(["t_id_idx", "t_v"]);

  await project.mustRun(["rollback"]);
  await project.mustRun(["setup", "--no-online"]);
  expect(await ranOnline()).toBe(false);
  for (const command of ["migrate", "redo", "setup"]) {
    const both = await project.run([command, "--online", "--no-online"]);
    expect([both.code, both.stderr]).toEqual([
      2,
      expect.stringContaining("option `--online` cannot be used with option '--no-online'"),
    ]);
  }
});

test("file, checksum and log are as without it, and the log says how", async () => {
  await using project = await withTable("create index on t (id);", "drop index t_id_idx;");
  await project.mustRun(["migrate", "--online"]);
  const { sql } = project;
  expect(
    await sql`select event, statement, up_sql, reason from schema_migrations_log where event <> 'statement-finished' order by id`,
  ).toEqual([
    {
      event: "statement-started",
      statement: 0,
      up_sql: expect.stringContaining('"original": "create index on t (id)"'),
      reason: "online",
    },
    { event: "statement-started", statement: 1, up_sql: null, reason: null },
    { event: "apply", statement: null, up_sql: "create index on t (id);\n", reason: null },
  ]);
  expect((await project.json(["status"])).body.result.isUpToDate).toBe(true);
  expect((await project.run(["migrate", "--online"])).stdout).toContain("Nothing to apply");
  await project.mustRun(["rollback"]);
  expect(await sql`select to_regclass('t_id_idx') as index`).toEqual([{ index: null }]);
  await project.mustRun(["migrate"]);
  expect(await applied(project)).toEqual(["001"]);
});

test("duplicates: they are told, and after they are gone it goes on as it was begun", async () => {
  await using project = await withTable(
    "create table other (id int);\nalter table t add constraint t_v_key unique (v);\ncreate table third (id int);",
  );
  await project.sql`insert into t values (601, 5)`;
  const first = await project.run(["migrate", "--online"]);
  expect(first.code).toBe(4);
  expect(first.stderr).toContain("Key (v)=(5) is duplicated");
  expect(first.stderr).toContain("→ migrations/001_change.sql:3:1");
  expect(first.stderr).toContain(
    "what ran in the place of this statement: CREATE UNIQUE INDEX CONCURRENTLY t_v_key ON t (v)",
  );
  expect(first.stderr).toContain("the invalid index public.t_v_key stays");
  await project.sql`delete from t where id = 601`;
  const { body, stderr } = await project.json(["migrate", "--dry-run"]);
  expect(body.result.online).toMatchObject([
    { line: 3, statement: expect.stringContaining("unique") },
  ]);
  expect(stderr).toContain("goes on in that form, without --online too");
  const second = await project.run(["migrate", "--no-online"]);
  expect(second.stderr).toContain(
    "001_change.sql was begun online and goes on in that form, also with --no-online",
  );
  expect(second.code).toBe(0);
  expect(
    await project.sql`select contype, convalidated from pg_constraint where conname = 't_v_key'`,
  ).toEqual([{ contype: "u", convalidated: true }]);
});

test("a row against the constraint: what is done stays, and what is behind may still be changed", async () => {
  await using project = await withTable(
    "alter table t add check (v < 600);\ncreate index on t (id);\ncreate table third (id int);",
  );
  const first = await project.run(["migrate", "--online"]);
  expect(first.code).toBe(4);
  expect(first.stderr).toContain(
    'check constraint "t_v_check" of relation "t" is violated by some row',
  );
  expect(first.stderr).toContain(
    "statement 1 of 4 that run online for 001_change.sql is done and stays",
  );
  await project.write(
    "001_change.sql",
    migration("alter table t add check (v < 700);", "select 1;"),
  );
  const other = await project.json(["migrate", "--online"]);
  expect(other.body.error).toMatchObject({ code: "journal-changed" });
  await project.write(
    "001_change.sql",
    migration("alter table t add check (v < 600);\ncreate index named on t (id, v);", "select 1;"),
  );
  await project.sql`delete from t where v >= 600`;
  await project.mustRun(["migrate", "--online"]);
  const rows =
    await project.sql`select indexrelid::regclass::text as index from pg_index where indrelid = 't'::regclass order by 1`;
  expect(rows.map(({ index }) => index)).toEqual(["named", "t_v"]);
  expect(
    await project.sql`select convalidated from pg_constraint where conname = 't_v_check'`,
  ).toEqual([{ convalidated: true }]);
});

test("a file that was begun without it keeps what is done", async () => {
  await using project = await withTable(
    "create index concurrently t_one on t (id);\ncreate index concurrently t_two on nothing (id);",
  );
  expect((await project.run(["migrate"])).code).toBe(4);
  await project.write(
    "001_change.sql",
    migration(
      "create index concurrently t_one on t (id);\ncreate index t_two on t (v, id);",
      "select 1;",
    ),
  );
  const { body } = await project.json(["migrate", "--online"]);
  expect(body.result.online).toMatchObject([
    { line: 3, runs: ["CREATE INDEX CONCURRENTLY t_two ON t (v, id)"] },
  ]);
  expect(await applied(project)).toEqual(["001"]);
});

test("a reviewed plan runs online as it was reviewed", async () => {
  await using project = await withTable("create index on t (id);");
  await project.mustRun(["migrate", "--online", "--dry-run", "--output", "plan.json"]);
  const { body } = await project.json(["migrate", "--plan", "plan.json"]);
  expect(body.result).toMatchObject({
    applied: [{ file: "001_change.sql" }],
    online: [{ runs: ["CREATE INDEX CONCURRENTLY t_id_idx ON t (id)"] }],
  });
  const usage = await project.run(["migrate", "--online", "--plan", "plan.json"]);
  expect(usage).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("was decided when it was made"),
  });
});

test("a rollback's dry run shows what it locks, as that of migrate", async () => {
  await using project = await withTable(
    "create index t_id on t (id);",
    "drop index t_id;\nreindex table t;",
  );
  await project.mustRun(["migrate"]);
  const { stdout } = await project.run(["rollback", "--dry-run"]);
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "-- locks on tables that are there:",
    "--   001_change.sql:4 drop index t_id",
    expect.stringMatching(/^-- {5}ACCESS EXCLUSIVE on t \(.*\)$/),
    "--   001_change.sql:5 reindex table t",
    expect.stringMatching(/^-- {5}SHARE on t \(.*\), builds an index$/),
  ]);
  const { body } = await project.json(["rollback", "--dry-run"]);
  expect(body.result.costs).toMatchObject([{ line: 4 }, { line: 5, locks: [{ work: "index" }] }]);
});

test("sections without a transaction, code, and repeatable files", async () => {
  await using project = await withTable("select 1;");
  await project.write(
    "002_alone.sql",
    "-- migrate:up transaction:false\nalter table t add check (v > 0), alter id set default 1;\n-- migrate:down\nselect 1;\n",
  );
  await project.write(
    "003_code.ts",
    "export function up(pgm) { pgm.createIndex('t', 'id'); }\nexport const down = false;\n",
  );
  await project.write("R_index.sql", "create index if not exists t_both on t (id, v);\n");
  const { body } = await project.json(["migrate", "--online"]);
  expect(body.result.online).toMatchObject([
    {
      line: 2,
      runs: [
        "ALTER TABLE t alter id set default 1",
        "ALTER TABLE t ADD CONSTRAINT t_v_check check (v > 0) NOT VALID",
        "ALTER TABLE t VALIDATE CONSTRAINT t_v_check",
      ],
    },
    { file: "003_code.ts", runs: ['CREATE INDEX CONCURRENTLY t_id_index ON "t" ("id")'] },
    { file: "R_index.sql", runs: null, why: expect.stringContaining("is one transaction") },
  ]);
  expect(await applied(project)).toEqual(["001", "002", "003"]);
});
