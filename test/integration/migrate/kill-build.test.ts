import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countAdvisoryLocks, readCatalog } from "../../support/catalog.ts";
import { eventually } from "../../support/eventually.ts";
import type { Weapon } from "../../support/kill.ts";
import { end, findBuild, findStopped, watchBuilds } from "../../support/kill.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

const weapons: readonly Weapon[] = ["terminate the backend", "kill -9 the command"];

/** A table whose index takes a while, a partitioned one, and no files. */
let template: MigrationProject;

beforeAll(async () => {
  template = await withMigrations({});
  const { sql } = template;
  await sql
    .unsafe(`
    create table large (id int, v text);
    insert into large select n, md5(n::text) from generate_series(1, 500000) n;
    create table small (id int primary key, v int, note text);
    insert into small select n, n from generate_series(1, 100) n;
    create index small_v on small (v);
    create table ranges (id int) partition by range (id);
    create table ranges_1 partition of ranges for values from (0) to (100);
    create table ranges_2 partition of ranges for values from (100) to (200);
    insert into ranges select n from generate_series(1, 199) n;`)
    .simple();
  await sql.end();
});

afterAll(async () => {
  await template[Symbol.asyncDispose]();
});

const fromTemplate = (files: Readonly<Record<string, string>>) =>
  withMigrations(files, { template: template.database.name });

const build = {
  "001_before.sql": migration("create table before (id int);", "drop table before;"),
  "002_large_v.sql": migration(
    "comment on table large is 'large';\ncreate index concurrently large_v on large (v);\ncreate table after (id int);",
    "drop table after; drop index concurrently large_v;",
  ),
};

describe.each(weapons)("a large index, %s", (weapon) => {
  // The first and the last of these last as long as somebody else's transaction.
  test.each([
    ["waiting for writers before build", "insert into large values (0, 'x')"],
    ["building index", undefined],
    ["waiting for writers before validation", "select count(*) from small"],
    ["waiting for old snapshots", "select count(*) from small"],
  ])("%s", async (phase, before) => {
    await using project = await fromTemplate(build);
    const { sql } = project;
    await using builds = watchBuilds(sql);
    const other = await sql.reserve();
    // A writer holds a lock on the table, a reader of another table a snapshot alone.
    const isWriter = phase.includes("writers");
    if (before !== undefined && phase !== "waiting for writers before validation") {
      await other.unsafe("begin isolation level repeatable read");
      await other.unsafe(isWriter ? before : "select count(*) from small");
    }
    const first = project.start(["migrate"]);
    if (phase === "waiting for writers before validation") {
      await findBuild(sql, "building index");
      await other.unsafe("begin");
      await other.unsafe("insert into large values (0, 'x')");
    }
    const worker = await findBuild(sql, phase);
    await end(weapon, first, worker, sql);
    const second = project.start(["migrate"]);
    if (before !== undefined) {
      // It waits for that transaction again, without harm.
      await eventually(
        async () => (await sql`select pg_blocking_pids(pid) from pg_stat_activity`).length > 0,
        "the database to answer",
      );
      await other.unsafe("commit");
    }
    other.release();
    const outcome = await second.done;
    await first.done;
    expect(outcome.stderr).toContain("✓ 002_large_v.sql");
    expect(outcome.code).toBe(0);
    expect(builds.most()).toBe(1);
    expect(
      await sql`select indisvalid from pg_index where indexrelid = 'large_v'::regclass`,
    ).toEqual([{ indisvalid: true }]);
    expect(await sql`select count(*)::int from pg_index where not indisvalid`).toEqual([
      { count: 0 },
    ]);
    expect(await sql`select version from schema_migrations order by version`).toEqual([
      { version: "001" },
      { version: "002" },
    ]);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });
});

/** The other concurrent forms wait for a transaction in the middle, with half of their work done. */
const halves: readonly [form: string, statement: string, hold: string, half: string][] = [
  [
    "DETACH PARTITION CONCURRENTLY, pending",
    "alter table ranges detach partition ranges_1 concurrently",
    "select count(*) from ranges",
    "select from pg_inherits where inhdetachpending",
  ],
  [
    "DROP INDEX CONCURRENTLY, invalid",
    "drop index concurrently small_v",
    "select count(*) from small",
    "select from pg_index where not indisvalid",
  ],
  [
    "REINDEX INDEX CONCURRENTLY, before the build",
    "reindex index concurrently small_v",
    "insert into small values (0, 0)",
    "select from pg_class where relname like '%\\_ccnew'",
  ],
  [
    "REINDEX INDEX CONCURRENTLY, after the swap",
    "reindex index concurrently small_v",
    "select count(*) from small",
    "select from pg_class where relname like '%\\_ccold'",
  ],
  [
    "REINDEX TABLE CONCURRENTLY, with a TOAST table",
    "reindex table concurrently small",
    "select count(*) from small",
    "select from pg_class where relname like '%\\_ccold'",
  ],
];

describe.each(weapons)("half done, %s", (weapon) => {
  test.each(halves)("%s", async (_form, statement, hold, half) => {
    await using project = await fromTemplate({
      "001_it.sql": migration(
        `create table before (id int);\n${statement};\ncreate table after (id int);`,
        "select 1;",
      ),
    });
    await using expected = await fromTemplate({
      "001_it.sql": migration(
        "create table before (id int); create table after (id int);",
        "select 1;",
      ),
    });
    await expected.sql.unsafe(statement);
    await expected.run(["migrate"]);
    const { sql } = project;
    const other = await sql.reserve();
    await other.unsafe("begin");
    await other.unsafe(hold);
    const first = project.start(["migrate"]);
    await eventually(async () => (await sql.unsafe(half)).length > 0, half);
    const worker = await eventually(async () => {
      const [row] = await sql<{ pid: number }[]>`
        select pid from pg_stat_activity
        where datname = current_database() and application_name like 'pgwright%'
          and wait_event_type = 'Lock'`;
      return row;
    }, "the worker to wait for the other transaction");
    await end(weapon, first, worker, sql);
    const second = project.start(["migrate"]);
    await first.done;
    await other.unsafe("commit");
    other.release();
    const outcome = await second.done;
    expect(outcome.stderr).toContain("✓ 001_it.sql");
    expect(outcome.code).toBe(0);
    expect(await readCatalog(sql)).toEqual(await readCatalog(expected.sql));
    expect(await sql`select count(*)::int from pg_index where not indisvalid`).toEqual([
      { count: 0 },
    ]);
    expect(await countAdvisoryLocks(sql)).toBe(0);
  });
});

describe.each(weapons)("a statement that may not run twice, %s", (weapon) => {
  const file =
    "-- migrate:up transaction:false\nupdate small set v = v + 1 where id < 10;\nupdate small set v = v + (select 0 from pg_sleep(60));\n-- migrate:down\nselect 1;\n";

  test("the next run stops, and repair says what it was", async () => {
    await using project = await fromTemplate({
      "001_update.sql": file,
      "002_next.sql": migration("create table next (id int);", "drop table next;"),
    });
    const { sql } = project;
    const first = project.start(["migrate"]);
    const worker = await eventually(() => findStopped(sql), "the UPDATE to be under way");
    await end(weapon, first, worker, sql);
    await first.done;
    const second = await project.json(["migrate"]);
    expect(second.code).toBe(4);
    expect(second.body.error).toMatchObject({ code: "journal-open" });
    expect(second.body.error.message).toContain("statement 2 of 001_update.sql was begun");
    expect(second.body.error.hint).toContain('pgwright repair applied 001 --reason "…"');
    expect(second.body.error.hint).toContain('pgwright repair reverted 001 --reason "…"');
    expect(second.body.result).toMatchObject({ applied: [], notAttempted: ["002_next.sql"] });
    expect((await project.run(["status"])).stdout).toMatch(/001\s+interrupted/);
    const rollback = await project.run(["rollback"]);
    expect(rollback.code).toBe(4);
    expect(rollback.stderr).toContain("001 is half applied");
    await project.run(["repair", "applied", "001", "--reason", "checked by hand"]);
    expect((await project.run(["migrate"])).code).toBe(0);
    expect(await sql`select version from schema_migrations order by 1`).toEqual([
      { version: "001" },
      { version: "002" },
    ]);
    expect(await sql`select count(*)::int from small where v = id + 1`).toEqual([{ count: 9 }]);
  });
});

test("a statement outside a transaction that PostgreSQL refused has certainly done nothing", async () => {
  await using project = await fromTemplate({
    "001_update.sql":
      "-- migrate:up transaction:false\nupdate small set v = v + 1;\nupdate small set v = 1 / (v - 3);\n-- migrate:down\nselect 1;\n",
  });
  const { sql } = project;
  const failed = await project.json(["migrate"]);
  expect(failed.code).toBe(4);
  expect(failed.body.error).toMatchObject({ code: "sql-failed", sqlstate: "22012" });
  expect(failed.body.error.notes).toContain(
    "statement 1 of 2 of 001_update.sql is done and stays; statement 2 failed",
  );
  expect(failed.body.error.hint).toContain("it goes on with statement 2");
  expect(failed.body.result.failed).toEqual({ file: "001_update.sql", statementsDone: 1 });
  await sql`delete from small where v = 3`;
  expect((await project.run(["migrate"])).code).toBe(0);
  expect(await sql`select v from small where id = 1`).toEqual([{ v: -1 }]);
});

test("a procedure that failed on its way may have committed: it is neither repeated nor trusted", async () => {
  await using project = await fromTemplate({
    "001_call.sql": `-- migrate:up transaction:false
create procedure fill() language plpgsql as $$ begin
  insert into small values (1001); commit;
  perform 1 / (select count(*) from small where id = 1);
  insert into small values (1002);
end $$;
call fil();
call fill();
-- migrate:down
select 1;
`,
  });
  const { sql } = project;
  await sql`delete from small where id = 1`;
  const mistyped = await project.run(["migrate"]);
  expect(mistyped.stderr).toContain("procedure fil() does not exist");
  // That one never began.
  await project.write(
    "001_call.sql",
    (await readFile(join(project.path, "migrations", "001_call.sql"), "utf8")).replace(
      "call fil();\n",
      "",
    ),
  );
  const failed = await project.run(["migrate"]);
  expect(failed.code).toBe(4);
  expect(failed.stderr).toContain("division by zero");
  await sql`insert into small values (1)`;
  const open = await project.run(["migrate"]);
  expect(open.code).toBe(4);
  expect(open.stderr).toContain(
    "error[journal-open]: statement 2 of 001_call.sql was begun outside a transaction and did not come to its end",
  );
  expect(await sql`select id from small where id > 1000`).toEqual([{ id: 1001 }]);
});

test("a half-applied file may be corrected behind the point it reached, not before it", async () => {
  const write = (first: string, second: string) =>
    migration(
      `create table ${first} (id int);\ncreate unique index concurrently u on large (${second});`,
      `drop index concurrently u; drop table ${first};`,
    );
  await using project = await fromTemplate({ "001_it.sql": write("one", "v") });
  const { sql } = project;
  await sql`insert into large values (0, md5('1'))`;
  const failed = await project.run(["migrate"]);
  expect(failed.code).toBe(4);
  expect(failed.stderr).toContain("could not create unique index");
  expect(failed.stderr).toContain("001_it.sql:3:1");
  await project.write("001_it.sql", write("two", "v, id"));
  const changed = await project.run(["migrate"]);
  expect(changed.code).toBe(4);
  expect(changed.stderr).toContain("error[journal-changed]");
  await project.write("001_it.sql", write("one", "v, id"));
  const resumed = await project.run(["migrate"]);
  expect(resumed.stderr).toContain("✓ 001_it.sql");
  expect(resumed.code).toBe(0);
  expect(await sql`select pg_get_indexdef('u'::regclass) as def`).toEqual([
    { def: "CREATE UNIQUE INDEX u ON public.large USING btree (v, id)" },
  ]);
});

test("a rollback that was cut off is finished by the next rollback, and nothing else goes on", async () => {
  await using project = await fromTemplate({
    "001_it.sql": migration(
      "create table one (id int); create index concurrently large_id on large (id);",
      "drop table one;\ndrop index concurrently large_id;\ncomment on table large is null;",
    ),
    "002_next.sql": migration("create table next (id int);", "drop table next;"),
  });
  const { sql } = project;
  await project.run(["migrate", "--to", "1"]);
  const other = await sql.reserve();
  await other.unsafe("begin");
  await other.unsafe("select from large limit 1");
  const first = project.start(["rollback"]);
  const worker = await eventually(async () => {
    const [row] = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and query like 'drop index%'`;
    return row;
  }, "the rollback to wait");
  await end("terminate the backend", first, worker, sql);
  expect((await first.done).code).toBe(4);
  await other.unsafe("commit");
  other.release();
  const migrate = await project.run(["migrate"]);
  expect(migrate.code).toBe(4);
  expect(migrate.stderr).toContain("error[journal-open]: 001_it.sql is half rolled back");
  expect((await project.run(["status"])).stdout).toMatch(/001\s+interrupted/);
  expect((await project.run(["rollback"])).code).toBe(0);
  expect(await sql`select to_regclass('one') as one, to_regclass('large_id') as index`).toEqual([
    { one: null, index: null },
  ]);
  expect((await project.run(["migrate"])).code).toBe(0);
});

test("an invalid index of that name is built anew, a valid one is PostgreSQL's error", async () => {
  await using project = await fromTemplate({ "001_v.sql": build["002_large_v.sql"] });
  const { sql } = project;
  await sql`insert into large values (1, md5('1'))`;
  await expect(sql.unsafe("create unique index concurrently large_v on large (v)")).rejects.toThrow(
    "could not create unique index",
  );
  const run = await project.run(["migrate"]);
  expect(run.stderr).toContain("drop index concurrently public.large_v");
  expect(run.code).toBe(0);
  await project.run(["rollback"]);
  await sql`create index large_v on large (id)`;
  for (let times = 0; times < 2; times += 1) {
    const exists = await project.run(["migrate"]);
    expect(exists.code).toBe(4);
    expect(exists.stderr).toContain('relation "large_v" already exists (42P07)');
  }
});

test("an index that somebody else is building is waited for, not dropped", async () => {
  await using project = await fromTemplate({
    "001_v.sql": migration("create index concurrently large_v on large (v);", "select 1;"),
  });
  const { sql } = project;
  const other = await sql.reserve();
  await other.unsafe("begin");
  await other.unsafe("insert into large values (0, 'x')");
  const theirs = sql.unsafe("create index concurrently large_v on large (v)");
  void theirs.execute();
  await findBuild(sql, "waiting for writers");
  const readIndex = () => sql<{ oid: string; valid: boolean }[]>`
    select indexrelid::text as oid, indisvalid as valid
    from pg_index where indexrelid = 'large_v'::regclass`;
  const [begun] = await readIndex();
  expect(begun?.valid).toBe(false);
  const running = project.start(["migrate"]);
  await eventually(
    () => /waiting for pid \d+, which works on/.test(running.output.stderr),
    "the migration to wait",
  );
  await other.unsafe("commit");
  other.release();
  await theirs;
  const outcome = await running.done;
  // Their index is valid and not ours: that is for a person to decide.
  expect(outcome.stderr).toContain('relation "large_v" already exists');
  // An index that was dropped and built anew has another oid, whenever one looks.
  expect(await readIndex()).toEqual([{ oid: begun?.oid, valid: true }]);
});

test("a mistyped name stays an error the second time", async () => {
  const statements = [
    "drop index concurrently smal_v;",
    "alter table ranges detach partition ranges_9 concurrently;",
    "alter table ranges detach partition small concurrently;",
    "reindex table concurrently smal;",
    "create index concurrently i on smal (v);",
  ];
  for (const statement of statements) {
    await using project = await fromTemplate({ "001_it.sql": migration(statement, "select 1;") });
    for (let times = 0; times < 2; times += 1) {
      const failed = await project.run(["migrate"]);
      expect(failed.code).toBe(4);
      expect(failed.stderr).toContain("error[sql-failed]");
      expect(failed.stderr).toMatch(/001_it\.sql:2:\d+/);
    }
  }
});
