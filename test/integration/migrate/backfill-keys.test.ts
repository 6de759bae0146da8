/** By which key a backfill takes the rows, and that an interrupted one goes on by the same. */
import { describe, expect, test } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

const rows = 2_000;

/** `set` fails in the middle as long as table `stop` has a row. */
async function withFill(table: string, fill = "update t set n = n + 1"): Promise<MigrationProject> {
  const project = await withMigrations({
    "001_t.sql": migration(
      `create table stop (at int);
       create function guard(v int) returns int language plpgsql as $$ begin
         if v in (select at from stop) then raise 'stopped at %', v; end if; return 1;
       end $$;
       ${table}`,
      "select 1;",
    ),
    "002_fill.sql": migration(`-- backfill: batch=100\n${fill};`, "select 1;"),
  });
  await project.mustRun(["migrate", "--to", "001"]);
  return project;
}

/** Runs until row `v = 1050`, and lets the next run go past it. */
async function interrupted(table: string): Promise<MigrationProject> {
  const project = await withFill(table, "update t set n = n + guard(v)");
  await project.sql`insert into stop values (1050)`;
  const failed = await project.json(["migrate"]);
  expect(failed.body.error).toMatchObject({ code: "sql-failed", message: "stopped at 1050" });
  await project.sql`delete from stop`;
  return project;
}

const timesOf = ({ sql }: MigrationProject) =>
  sql`select n, count(*)::int as rows from t group by n order by n`;
const half = [
  { n: 0, rows: 1000 },
  { n: 1, rows: 1000 },
];
const once = [{ n: 1, rows }];

const twoWays = `create table t (x int not null, y int not null, v int, n int not null default 0);
  insert into t select i, ${rows} + 1 - i, i from generate_series(1, ${rows}) i;`;
const oneKey = `create table t (id int primary key, y int not null, v int, n int not null default 0);
  insert into t select i, ${rows} + 1 - i, i from generate_series(1, ${rows}) i;`;

describe("an interrupted backfill", () => {
  test("goes on by its key whatever indexes are made anew", async () => {
    await using project = await interrupted(
      `${twoWays} create unique index zz on t (x); create unique index aa on t (y, x);`,
    );
    expect(await timesOf(project)).toEqual(half);
    await project.sql`reindex index concurrently zz`;
    await project.sql`reindex index concurrently aa`;
    await project.sql`create unique index a on t (y)`;
    await project.sql`create unique index b on t (x)`;
    await project.sql`drop index zz`;
    await project.sql`alter table t add primary key (y)`;
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("takes the key whose name comes first, not the oldest index", async () => {
    await using project = await withFill(
      `${twoWays} create unique index zz on t (x); create unique index aa on t (y);`,
    );
    await project.mustRun(["migrate"]);
    const [entry] = await project.sql`select reason::jsonb #> '{key,columns}' as columns
      from schema_migrations_log where reason is not null order by id desc limit 1`;
    expect(entry?.["columns"]).toMatchObject([{ name: "y", type: "pg_catalog.int4" }]);
  });

  test("does not go on by another key, and goes on when its own is back", async () => {
    await using project = await interrupted(oneKey);
    const dropKey = "alter table t drop constraint t_pkey";
    const addKey = "alter table t add primary key (id)";
    const makeOne = "`create unique index concurrently on public.t (id)`";
    const swap =
      "alter table t rename id to z; alter table t rename y to id; alter table t rename z to y";
    for (const [change, back, says, hint] of [
      [
        `${dropKey}; alter table t add primary key (y)`,
        `${dropKey}; ${addKey}`,
        "took the rows by (id), and they can now be taken by (y)",
        makeOne,
      ],
      [
        `${dropKey}; alter table t add primary key (y, id); create unique index other on t (y)`,
        `${dropKey}; ${addKey}; drop index other`,
        "took the rows by (id), and they can now be taken by (y, id) or (y)",
        makeOne,
      ],
      [dropKey, addKey, "took the rows by (id), and there is no key now", makeOne],
      [
        `${swap}; create unique index other on t (id)`,
        `${swap}; drop index other`,
        "id is another column now",
        "repair applied 002",
      ],
      [
        "alter table t alter id type text",
        "alter table t alter id type int using id::int",
        "id was of type pg_catalog.int4 and is of type pg_catalog.text",
        "repair applied 002",
      ],
    ] as const) {
      await project.sql.unsafe(change);
      const { body } = await project.json(["migrate"]);
      expect(body.error).toMatchObject({
        code: "journal-changed",
        message: expect.stringContaining(says),
        hint: expect.stringContaining(hint),
      });
      await project.sql.unsafe(back);
    }
    expect(await timesOf(project)).toEqual(half);
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("does not go on in another order of the same column", async () => {
    await using project = await interrupted(
      `create table t (id text collate "C" primary key, v int, n int not null default 0);
       insert into t select (999 + i)::text, i from generate_series(1, ${rows}) i;`,
    );
    await project.sql`alter table t alter id type text collate "POSIX"`;
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({
      code: "journal-changed",
      message: expect.stringContaining(
        'id is sorted by pg_catalog."POSIX" and was by pg_catalog."C"',
      ),
    });
    expect(await timesOf(project)).toEqual(half);
  });

  test("does not go on in another table of that name", async () => {
    await using project = await interrupted(oneKey);
    await project.sql.unsafe(
      `create schema other; create table other.t as select * from t; alter table other.t add primary key (id)`,
    );
    const url = `${project.database.url}?options=-csearch_path%3Dother,public`;
    const { body } = await project.json(["migrate"], { url });
    expect(body.error.message).toContain("public.t");
    expect(body.error).toMatchObject({ code: "journal-changed" });
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("whose journal does not say by which key it went goes on where there is but one", async () => {
    await using project = await interrupted(oneKey);
    await project.sql`update schema_migrations_log set reason = (reason::jsonb - 'key')::text
      where event = 'statement-started' and reason is not null`;
    for (const [change, back] of [
      ["create unique index other on t (y)", "drop index other"],
      [
        "alter table t drop constraint t_pkey; alter table t add primary key (y, id)",
        "alter table t drop constraint t_pkey; alter table t add primary key (id)",
      ],
      ["alter table t alter id type float8", "alter table t alter id type int"],
    ] as const) {
      await project.sql.unsafe(change);
      const { body } = await project.json(["migrate"]);
      expect(body.error).toMatchObject({
        code: "journal-changed",
        message: expect.stringContaining("did not record the key"),
      });
      await project.sql.unsafe(back);
    }
    expect(await timesOf(project)).toEqual(half);
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("is not run as a whole when the directive is taken out behind an error", async () => {
    await using project = await interrupted(oneKey);
    await project.write("002_fill.sql", migration("update t set n = n + guard(v);", "select 1;"));
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({ code: "journal-changed" });
    expect(body.error.message).toContain("10 batches");
    expect(await timesOf(project)).toEqual(half);
  });
});

describe("a key", () => {
  test("is none while rows with NULL may be there", async () => {
    await using project = await withFill(
      `create table t (a int, v int, n int not null default 0);
       insert into t select null, i, 0 from generate_series(1, 350) i;
       create unique index on t (a);`,
    );
    const [server] = await project.sql`select current_setting('server_version_num')::int as number`;
    if (server?.["number"] >= 180000) {
      await project.sql`alter table t add constraint nn not null a not valid`;
    }
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({ code: "backfill-refused" });
    expect(body.error.message).toContain("no primary key");
  });

  test("is none while a child's rows may have NULL", async () => {
    await using project = await withFill(
      `create table t (a int primary key, v int, n int not null default 0);
       create table child () inherits (t);
       insert into t select i from generate_series(1, 350) i;`,
    );
    // What ALTER TABLE child ALTER a DROP NOT NULL does until 17.
    await project.sql`update pg_attribute set attnotnull = false where attrelid = 'child'::regclass and attname = 'a'`;
    await project.sql`insert into child values (null)`;
    expect((await project.json(["migrate"])).body.error.code).toBe("backfill-refused");
  });

  test("with NULL in it, against what the catalog says, ends the work before its first batch", async () => {
    await using project = await withFill(
      `create table t (a int, v int, n int not null default 0);
       insert into t select null, i, 0 from generate_series(1, 350) i;
       create unique index on t (a);`,
    );
    await project.sql`update pg_attribute set attnotnull = true where attrelid = 't'::regclass and attname = 'a'`;
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({ code: "backfill-refused" });
    expect(body.error.message).toContain("NULL");
    // Nothing was begun, so the file may be changed.
    await project.sql`update pg_attribute set attnotnull = false where attrelid = 't'::regclass and attname = 'a'`;
    await project.write("002_fill.sql", migration("update t set n = 1;", "select 1;"));
    await project.mustRun(["migrate"]);
  });

  test("is written in full, whatever the settings, which stay those of the statement", async () => {
    await using project = await withFill(
      `create table t (k float8, at timestamptz, d interval, b bytea, w text, n int not null default 0, primary key (k, at, d, b));
       insert into t select 1 + i * 1e-12, '2024-01-02 03:04:05.123456+00', i * interval '-1 day 2:03', 'ab\\001', null from generate_series(1, ${rows}) i;`,
      "update t set n = n + 1, w = concat_ws('|', k, at, d, b)",
    );
    await project.sql.unsafe(
      `do $$ begin execute format('alter database %I set extra_float_digits = -12', current_database());
         execute format('alter database %I set datestyle = ''SQL, DMY''', current_database());
         execute format('alter database %I set intervalstyle = ''sql_standard''', current_database());
         execute format('alter database %I set bytea_output = ''escape''', current_database());
         execute format('alter database %I set timezone = ''Asia/Kolkata''', current_database()); end $$`,
    );
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
    expect(await project.sql`select distinct w from t where d = interval '-1 day 2:03'`).toEqual([
      { w: "1|02/01/2024 08:34:05.123456 IST|+0-0 -1 +2:03:00|ab\\001" },
    ]);
  });

  test("is compared by its own operators, wherever they stand", async () => {
    await using project = await withFill(
      `create schema ext; create extension citext schema ext;
       create table t (id int, k ext.citext, v int, n int not null default 0, primary key (id, k));
       insert into t select 1, case when i % 2 = 0 then 'A' else 'a' end || lpad(i::text, 5, '0'), i from generate_series(1, ${rows}) i;`,
    );
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("that cannot be read as it is written ends the work", async () => {
    await using project = await withFill(
      // An integer of which only the lower half is written.
      `create type half;
       create function half_in(cstring) returns half language internal immutable strict as 'int4in';
       create function half_out(half) returns cstring language internal immutable strict as 'int2out';
       create type half (input = half_in, output = half_out, internallength = 4, passedbyvalue, alignment = int4);
       create cast (int as half) without function;
       ${["lt", "le", "eq", "ge", "gt"].map((name) => `create function half_${name}(half, half) returns bool language internal immutable strict as 'int4${name}';`).join("\n")}
       create function half_cmp(half, half) returns int language internal immutable strict as 'btint4cmp';
       create operator < (leftarg = half, rightarg = half, function = half_lt);
       create operator <= (leftarg = half, rightarg = half, function = half_le);
       create operator = (leftarg = half, rightarg = half, function = half_eq);
       create operator >= (leftarg = half, rightarg = half, function = half_ge);
       create operator > (leftarg = half, rightarg = half, function = half_gt);
       create operator class half_ops default for type half using btree as
         operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 half_cmp(half, half);
       create table t (k half primary key, n int not null default 0);
       insert into t select (i * 100)::half from generate_series(1, ${rows}) i;`,
    );
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({ code: "backfill-refused" });
    expect(body.error.message).toContain("is not read back as it is written");
    expect(await timesOf(project)).toEqual([{ n: 0, rows }]);
  });
});

describe("a statement that moves rows along the key", () => {
  test("by other columns that its own follow is refused from the catalog", async () => {
    await using project = await withFill(
      `create table t (b int not null, k int generated always as (b * 2) stored primary key, n int not null default 0);
       insert into t (b) select i from generate_series(1, ${rows}) i;
       -- Columns have other numbers in the partition.
       create table parted (b int not null, k int generated always as (b * 2) stored, p int, primary key (p, k)) partition by list (p);
       create table leaf (p int not null, k int generated always as (b * 2) stored not null, b int not null);
       alter table parted attach partition leaf for values in (1);
       create table self (code int not null unique, k int primary key references self (code) on update cascade);`,
      "update t set n = n + 1, b = b + 501",
    );
    for (const [fill, leader] of [
      ["update t set n = n + 1, b = b + 501", "b"],
      ["update parted set b = b + 501", "b"],
      ["update self set code = code + 100000", "code"],
    ] as const) {
      await project.write("002_fill.sql", migration(`-- backfill\n${fill};`, "select 1;"));
      const { body } = await project.json(["migrate"]);
      expect(body.error).toMatchObject({
        code: "backfill-refused",
        message: expect.stringContaining(
          `the statement changes ${leader}, from which k follows, by which the rows are taken in order`,
        ),
      });
    }
    expect(await project.sql`select from t where n <> 0`).toHaveLength(0);
  });

  test("by a trigger is refused at the first batch, and the file may be changed", async () => {
    await using project = await withFill(
      `create table t (k int primary key, n int not null default 0);
       insert into t select i from generate_series(1, ${rows - 1}) i;
       insert into t values (20000);
       create function move() returns trigger language plpgsql as $$ begin new.k := new.k + 10000; return new; end $$;
       create trigger move before update on t for each row when (new.k < 10000) execute function move();`,
    );
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({
      code: "backfill-refused",
      message: expect.stringContaining("100 rows of batch 1 got another (k)"),
    });
    expect(await timesOf(project)).toEqual([{ n: 0, rows }]);
    await project.write("002_fill.sql", migration("update t set n = n + 1;", "select 1;"));
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });

  test("by a trigger stops at the batch that does", async () => {
    await using project = await withFill(
      `create table t (k int primary key, n int not null default 0);
       insert into t select i from generate_series(1, ${rows}) i;
       create function move() returns trigger language plpgsql as $$ begin if new.k = 150 then new.k := 1950; end if; return new; end $$;
       delete from t where k = 1950;
       create trigger move before update on t for each row execute function move();`,
    );
    const { body } = await project.json(["migrate"]);
    expect(body.error).toMatchObject({ code: "backfill-refused" });
    expect(body.error.message).toContain("1 row of batch 2");
    expect(body.error.hint).toContain("pgwright migrate");
    await project.sql`alter table t disable trigger move`;
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual([{ n: 1, rows: rows - 1 }]);
  });

  test("by a trigger within a batch does no harm", async () => {
    await using project = await withFill(
      `create table t (k numeric primary key, n int not null default 0);
       insert into t select i from generate_series(1, ${rows}) i;
       create function move() returns trigger language plpgsql as $$ begin new.k := new.k - 0.5; return new; end $$;
       create trigger move before update on t for each row execute function move();`,
    );
    await project.mustRun(["migrate"]);
    expect(await timesOf(project)).toEqual(once);
  });
});
