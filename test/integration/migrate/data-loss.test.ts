import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { migration, withMigrations } from "../../support/migration-project.ts";

interface Case {
  readonly up: string;
  /** What happens between. */
  readonly meanwhile?: string;
  readonly down: string;
  /** Lines of the refusal; none when nothing is lost. */
  readonly losses: readonly string[];
}

const cases: Record<string, Case> = {
  "a table with rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 3)",
    down: "drop table t;",
    losses: ["public.t: 3 rows"],
  },
  "an empty table": { up: "create table t (id int);", down: "drop table t;", losses: [] },
  "a table with many rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 100001)",
    down: "drop table if exists t, nothing;",
    losses: ["public.t: more than 100,000 rows"],
  },
  "a column with values": {
    up: "create table t (id int, name text, twice int generated always as (id * 2) stored);",
    meanwhile: "insert into t values (1, 'x'), (2, null)",
    down: "alter table t drop column name, drop column twice; select 1;",
    losses: ["public.t.name: 1 row"],
  },
  "a column without values": {
    up: "create table t (id int, name text);",
    meanwhile: "insert into t values (1, null)",
    down: "alter table only t drop column name;",
    losses: [],
  },
  "TRUNCATE with what refers to it": {
    up: "create table a (id int primary key); create table b (a int references a); create table c (id int);",
    meanwhile: "insert into a values (1); insert into b values (1)",
    down: "truncate a, c cascade;",
    losses: ["public.a: 1 row", "public.b: 1 row"],
  },
  "DELETE of some rows": {
    up: "create table t (id int);",
    meanwhile: "insert into t select generate_series(1, 10)",
    down: "delete from only t as x\nwhere x.id > 7 -- the last ones\n;",
    losses: ["public.t: 3 rows"],
  },
  "DELETE that finds nothing": {
    up: "create table t (id int);",
    meanwhile: "insert into t values (1)",
    down: "delete from t where id = 2;",
    losses: [],
  },
  "DELETE with more than a condition": {
    up: "create table t (id int); create table u (id int);",
    meanwhile: "insert into t values (1), (2)",
    down: "delete from t using u where t.id = u.id;",
    losses: ["public.t: 2 rows"],
  },
  "DROP TYPE CASCADE": {
    up: "create type mood as enum ('ok'); create table t (id int, m mood, ms mood[], n mood);",
    meanwhile: "insert into t values (1, 'ok', '{ok}', null)",
    down: "drop type mood cascade;",
    losses: ["public.t.m: 1 row", "public.t.ms: 1 row"],
  },
  "DROP DOMAIN CASCADE": {
    up: "create domain positive as int check (value > 0); create table t (id positive);",
    meanwhile: "insert into t values (1)",
    down: "drop domain positive cascade;",
    losses: ["public.t.id: 1 row"],
  },
  "an attribute of a type in use": {
    up: "create type place as (x int, y int); create table t (at place);",
    meanwhile: "insert into t values ((1, 2))",
    down: "alter type place drop attribute y cascade;",
    losses: ["public.t.at: 1 row"],
  },
  "DROP SCHEMA CASCADE, and what uses its types elsewhere": {
    up: `create schema "My app"; create table "My app".t (id int); create table "My app".empty ();
         create type "My app".mood as enum ('ok'); create table other (m "My app".mood);`,
    meanwhile: `insert into "My app".t values (1); insert into other values ('ok')`,
    down: 'drop schema "My app" cascade;',
    losses: ['"My app".t: 1 row', "public.other.m: 1 row"],
  },
  "DROP EXTENSION CASCADE": {
    up: "create extension citext; create table t (name citext);",
    meanwhile: "insert into t values ('x')",
    down: "drop extension citext cascade;",
    losses: ["public.t.name: 1 row"],
  },
  "a partitioned table": {
    up: `create table p (id int) partition by range (id);
         create table p1 partition of p for values from (0) to (10);
         create table p2 partition of p default;`,
    meanwhile: "insert into p values (1), (100)",
    down: "drop table p;",
    losses: ["public.p: 2 rows"],
  },
  "one partition": {
    up: `create table p (id int) partition by range (id);
         create table p1 partition of p for values from (0) to (10);`,
    meanwhile: "insert into p values (1)",
    down: "drop table p1;",
    losses: ["public.p1: 1 row"],
  },
  "a name that search_path decides": {
    up: "create schema app; create table app.t (id int); create table t (id int);",
    meanwhile: "insert into app.t values (1)",
    down: "set local search_path = app; drop table t;",
    losses: ["app.t: 1 row"],
  },
  "a table and a column that the rollback renames first": {
    up: "create table old (id int, name text); create table new (id int); create schema s;",
    meanwhile: "insert into old values (1, 'x')",
    down: `alter table old rename column name to nom;
           alter table old set schema s;
           alter table s.old rename to gone;
           alter table new rename to old;
           alter table s.gone drop column nom;
           drop table old;
           drop table s.gone;`,
    losses: ["public.old.name: 1 row", "public.old: 1 row"],
  },
  "a table that the rollback itself creates": {
    up: "create table t (id int);",
    meanwhile: "insert into t values (1)",
    down: "create table copy as select * from t; drop table copy;",
    losses: [],
  },
  "views, indexes and sequences hold nothing of their own": {
    up: `create table t (id int); create materialized view m as select * from t; create view v as select 1 as x;
         create index i on t (id); create sequence s;`,
    meanwhile: "insert into t values (1); refresh materialized view m",
    down: "drop index i; drop materialized view m; drop view v; drop sequence s;",
    losses: [],
  },
};

/** The migration of a case is applied, and the data is there. */
async function withCase({ up, meanwhile, down }: Case): Promise<MigrationProject> {
  const project = await withMigrations({ "001_t.sql": migration(up, down) });
  const migrated = await project.run(["migrate"]);
  if (migrated.code !== 0) throw new Error(migrated.stderr);
  if (meanwhile !== undefined) await project.sql.unsafe(meanwhile).simple();
  return project;
}

const entries = Object.entries(cases);

test.each(entries.filter(([, { losses }]) => losses.length > 0))("%s", async (_name, lossy) => {
  await using project = await withCase(lossy);
  const back = await project.json(["rollback"]);
  expect(back.code).toBe(4);
  expect(back.body.error).toMatchObject({
    code: "data-loss",
    notes: [...lossy.losses.map((loss) => `001_t.sql drops ${loss}`), "nothing was rolled back"],
    hint: expect.stringContaining("--allow-data-loss"),
  });
  const forced = await project.json(["rollback", "--allow-data-loss"]);
  expect(forced.body.error).toBeUndefined();
  expect(forced.body.result.rolledBack[0].losses).toHaveLength(lossy.losses.length);
});

test.each(entries.filter(([, { losses }]) => losses.length === 0))(
  "%s",
  async (_name, harmless) => {
    await using project = await withCase(harmless);
    const back = await project.json(["rollback"]);
    expect(back.body.error).toBeUndefined();
    expect(back.code).toBe(0);
  },
);

test("a dry run says what would be refused, and prints what would run", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration(
      "create table t (id int); create table u ();",
      "drop table t; drop table u;",
    ),
  });
  await project.run(["migrate"]);
  await project.sql`insert into t values (1)`;
  const dry = await project.run(["rollback", "--dry-run"]);
  expect(dry.code).toBe(0);
  expect(dry.stdout).toContain("-- 001_t.sql, from the file\n");
  expect(dry.stdout).toContain("-- refused without --allow-data-loss: public.t: 1 row\n");
  expect(dry.stdout).toMatch(/lock table u in access exclusive mode;[\s\S]*drop table u;/);
  const forced = await project.run(["rollback", "--dry-run", "--allow-data-loss"]);
  expect(forced.stdout).not.toContain("lock table");
  expect(await project.sql`select * from t`).toEqual([{ id: 1 }]);
});

test("one of several that would lose data stops them all, before anything runs", async () => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int);", "drop table t;"),
    "002_u.sql": migration("create table u (id int);", "drop table u;"),
  });
  await project.run(["migrate"]);
  await project.sql`insert into t values (1)`;
  const back = await project.json(["rollback", "--all"]);
  expect(back.body.error.code).toBe("data-loss");
  expect(await project.sql`select count(*)::int from schema_migrations`).toEqual([{ count: 2 }]);
});

/** Rolls back while another session's transaction is open that did `before`, and then does `after`. */
async function rollBackDuring(project: MigrationProject, before: string, after = "select 1") {
  const { sql } = project;
  const writer = await sql.reserve();
  await writer.unsafe("begin");
  await writer.unsafe(before);
  const running = project.start(["rollback", "--json", "--lock-timeout", "300ms"]);
  await eventually(() => running.output.stderr.includes("no lock, try 1"), "the first try");
  await writer.unsafe(after);
  await writer.unsafe("commit");
  writer.release();
  const outcome = await running.done;
  return { ...outcome, body: JSON.parse(outcome.stdout) };
}

test.each([
  ["a table", "drop table t;", "public.t"],
  ["a column", "alter table t drop column name;", "public.t.name"],
  ["a table under another name by then", "alter table t rename to u; drop table u;", "public.t"],
  ["a table, by TRUNCATE", "truncate t;", "public.t"],
  ["rows, by DELETE", "delete from t where id < 5;", "public.t"],
])("rows that come in after the look are not lost: %s", async (_name, down, object) => {
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (id int, name text);", down),
  });
  const { sql } = project;
  // The second look must not be one at an old snapshot.
  await sql.unsafe(
    `alter database "${project.database.name}" set default_transaction_isolation = 'repeatable read'`,
  );
  await project.run(["migrate"]);
  const back = await rollBackDuring(project, "insert into t values (1, 'x')");
  expect(back.code).toBe(4);
  expect(back.body.error).toMatchObject({
    code: "data-loss",
    message: "rolling back 001_t.sql would lose data",
  });
  expect(back.body.error.notes[0]).toBe(
    `001_t.sql drops ${object}, which is not empty at that point`,
  );
  expect(await sql`select * from t`).toEqual([{ id: 1, name: "x" }]);
  expect(await sql`select version from schema_migrations`).toEqual([{ version: "001" }]);
});

test("outside a transaction the second look and the statement share one all the same", async () => {
  await using project = await withMigrations({
    "001_t.sql":
      "-- migrate:up\ncreate table t (id int);\n-- migrate:down transaction:false\nselect 1;\ndrop table t;\n",
  });
  await project.run(["migrate"]);
  const back = await rollBackDuring(project, "insert into t values (1)");
  expect(back.body.error.code).toBe("data-loss");
  expect(back.code).toBe(4);
  expect(await project.sql`select * from t`).toEqual([{ id: 1 }]);
  await project.sql`delete from t`;
  expect((await project.run(["rollback"])).code).toBe(0);
});

test("under FORCE ROW LEVEL SECURITY an owner loses nothing in silence, and nothing is just nothing", async () => {
  const role = `Owner ${randomBytes(4).toString("hex")}`;
  await using roles = {
    async [Symbol.asyncDispose]() {
      const { default: postgres } = await import("postgres");
      const { serverUrl } = await import("../../support/database.ts");
      const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
      await admin.unsafe(`drop role if exists "${role}"`);
      await admin.end();
    },
  };
  expect(roles).toBeDefined();
  await using project = await withMigrations(
    {
      "001_t.sql": migration(
        `create schema app;
         create table app.t (id int) partition by range (id);
         create table app.t1 partition of app.t default;
         alter table app.t enable row level security, force row level security;
         alter table app.t1 enable row level security, force row level security;`,
        "drop table app.t; drop schema app;",
      ),
    },
    { yaml: `migrations: { role: '${role}' }\n` },
  );
  const { sql } = project;
  await sql.unsafe(`create role "${role}" nologin nobypassrls`);
  await sql.unsafe(`grant create on database "${project.database.name}" to "${role}"`);
  const migrated = await project.run(["migrate"]);
  expect(migrated).toMatchObject({ code: 0 });
  await sql`insert into app.t values (1)`;
  const back = await project.json(["rollback"]);
  expect(back.body.error.code).toBe("data-loss");
  expect(back.body.error.notes[0]).toContain(
    '001_t.sql drops app.t: not counted: query would be affected by row-level security policy for table "t"',
  );
  await sql`truncate app.t`;
  const insert = "insert into app.t values (1)";
  const late = await rollBackDuring(project, "lock table app.t in access share mode", insert);
  expect(late.body.error.code).toBe("data-loss");
  await sql`truncate app.t`;
  const empty = await project.run(["rollback"]);
  expect(empty.stderr).toContain("✓ rollback 001_t.sql");
  expect(empty.code).toBe(0);
});

test("values that the rollback moves away first are no loss, unless some stay", async () => {
  const up = "alter table t rename column name to first; alter table t add column last text;";
  const down = (condition: string) =>
    `update t set first = first || ' ' || last, last = null where ${condition};
     alter table t drop column last; alter table t rename column first to name;`;
  await using project = await withMigrations({
    "001_t.sql": migration("create table t (name text);", "drop table t;"),
    "002_split.sql": migration(up, down("last <> 'stays'")),
  });
  const { sql } = project;
  await project.mustRun(["migrate"]);
  await sql`insert into t values ('Ann', 'Lee'), ('Bob', 'stays')`;
  const { body, code } = await project.json(["rollback"]);
  expect(code).toBe(4);
  expect(body.error.code).toBe("data-loss");
  expect(body.error.notes[0]).toBe(
    "002_split.sql drops public.t.last, which is not empty at that point",
  );
  expect(await sql`select first, last from t order by first`).toEqual([
    { first: "Ann", last: "Lee" },
    { first: "Bob", last: "stays" },
  ]);
  await sql`update t set last = 'goes' where last = 'stays'`;
  expect((await project.run(["rollback"])).code).toBe(0);
  expect(await sql`select name from t order by name`).toEqual([
    { name: "Ann Lee" },
    { name: "Bob goes" },
  ]);
});
