/** What is built badly: constraints, partitions, collations, extensions, open schemas. */
import { expect, test } from "vitest";
import { withDatabase } from "../support/database.ts";
import { find, follow, interruptWhen, sessionOn, statementsOf } from "../support/doctor.ts";

test("constraints that were never validated", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table a (id int primary key); create table b (a_id int);
    create domain word as text; create table c (w word)`);
  expect(await find(database, "doctor/constraint-not-valid")).toEqual([]);
  await sql.unsafe(`alter table b add constraint "to a" foreign key (a_id) references a not valid;
    alter table a add constraint positive check (id > 0) not valid;
    alter domain word add constraint short check (length(value) < 9) not valid`);
  const findings = await find(database, "doctor/constraint-not-valid");
  expect(findings.map(({ object, hint }) => [object, hint?.split(" reads")[0]])).toEqual([
    ["public.a.positive", "`ALTER TABLE public.a VALIDATE CONSTRAINT positive;`"],
    ['public.b."to a"', '`ALTER TABLE public.b VALIDATE CONSTRAINT "to a";`'],
    ["public.word.short", "`ALTER DOMAIN public.word VALIDATE CONSTRAINT short;`"],
  ]);
  for (const finding of findings) await follow(sql, finding);
  expect(await find(database, "doctor/constraint-not-valid")).toEqual([]);
});

test("NOT NULL and NOT ENFORCED of PostgreSQL 18", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  const [server] = await sql<{ number: number }[]>`
    select current_setting('server_version_num')::int as number`;
  await sql.unsafe("create table t (a int, b int)");
  const is18 = (server?.number ?? 0) >= 180_000;
  // Older servers have neither, and so nothing to find.
  const refusal = await sql
    .unsafe(`alter table t add constraint given not null a not valid;
      alter table t add constraint meant check (b > 0) not enforced`)
    .then(
      () => undefined,
      (error: Error) => error.message,
    );
  expect(refusal?.includes("syntax error") ?? "accepted").toBe(is18 ? "accepted" : true);
  const findings = await find(database, "doctor/constraint-not-valid");
  expect(findings.map(({ object }) => object)).toEqual(is18 ? ["public.t.given"] : []);
});

test("a partition that DETACH CONCURRENTLY left half detached", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (a int) partition by range (a);
    create table p_one partition of p for values from (0) to (10)`);
  expect(await find(database, "doctor/partition-detaching")).toEqual([]);
  const reader = sessionOn(database);
  await reader.unsafe("begin isolation level repeatable read; select * from p");
  await interruptWhen(
    database,
    "alter table p detach partition p_one concurrently",
    "select from pg_inherits where inhdetachpending",
  );
  const [finding] = await find(database, "doctor/partition-detaching");
  expect(finding).toMatchObject({
    severity: "warning",
    object: "public.p_one",
    hint: "`ALTER TABLE public.p DETACH PARTITION public.p_one FINALIZE;`",
  });
  await reader.unsafe("rollback");
  await follow(sql, finding);
  expect(await find(database, "doctor/partition-detaching")).toEqual([]);
  await reader.end();
});

test("rows in a default partition are counted, up to a limit", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create table p (day date, x int) partition by range (day);
    create table "P rest" partition of p default`);
  expect(await find(database, "doctor/partition-default")).toEqual([]);
  await sql.unsafe("insert into p select '2026-01-01', i from generate_series(1, 3) i");
  const [finding] = await find(database, "doctor/partition-default");
  expect(finding?.message).toBe(
    'public."P rest", the default partition of public.p by RANGE (day), holds 3 rows: a partition for their values cannot be added before they are moved out',
  );
  expect(await sql.unsafe(statementsOf(finding)[0] ?? "")).toMatchObject([{ count: "3" }]);
  const [many] = await find(database, "doctor/partition-default", { limits: { countedRows: 2 } });
  expect(many?.message).toContain("holds more than 2 rows");

  // FORCE and no policy: a count that row security filters would say that there is nothing.
  await sql.unsafe(
    `alter table "P rest" enable row level security; alter table "P rest" force row level security`,
  );
  expect(await find(database, "doctor/partition-default")).toHaveLength(1);
});

test("indexes sorted by another version of a collation", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create collation "German" (provider = icu, locale = 'de');
    create table names (a text collate "German", b text); create index names_a on names (a);
    create index names_b on names (b)`);
  expect(await find(database, "doctor/collation-version")).toEqual([]);
  await sql.unsafe("update pg_collation set collversion = '1.0' where collname = 'German'");
  const [finding] = await find(database, "doctor/collation-version");
  expect(finding).toMatchObject({ severity: "error", object: 'public."German"' });
  expect(finding?.message).toMatch(
    /^collation public\."German" was version 1\.0 when it was used and is [\d.]+ now: 1 index \(public\.names_a\) may be sorted wrongly/,
  );
  await follow(sql, finding);
  expect(await find(database, "doctor/collation-version")).toEqual([]);
});

test("with very many indexes, the whole database is rebuilt", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(`create collation german (provider = icu, locale = 'de');
    create table names (${Array.from({ length: 21 }, (_, i) => `c${i} text collate german unique`).join(", ")});
    update pg_collation set collversion = '1.0' where collname = 'german'`);
  const [finding] = await find(database, "doctor/collation-version");
  expect(finding?.message).toContain("21 indexes (public.names_c0_key, ");
  expect(statementsOf(finding)).toEqual([
    `REINDEX DATABASE CONCURRENTLY "${database.name}";`,
    "ALTER COLLATION public.german REFRESH VERSION;",
  ]);
  await follow(sql, finding);
  expect(await find(database, "doctor/collation-version")).toEqual([]);
});

test("a database whose default collation changed", async () => {
  await using database = await withDatabase();
  await using other = await withDatabase();
  const { sql } = database;
  const name = `${other.name} icu`;
  await sql.unsafe(
    `create database "${name}" template template0 locale_provider icu icu_locale 'de'`,
  );
  try {
    const icu = {
      ...other,
      name,
      url: other.url.replace(encodeURIComponent(other.name), encodeURIComponent(name)),
    };
    const inside = sessionOn(icu);
    await inside.unsafe("create table names (a text, n int); create index names_a on names (a, n)");
    expect(await find(icu, "doctor/collation-version")).toEqual([]);
    await inside.unsafe(
      "update pg_database set datcollversion = '1.0' where datname = current_database()",
    );
    const [finding] = await find(icu, "doctor/collation-version");
    expect(finding).toMatchObject({ severity: "error", object: `"${name}"` });
    expect(finding?.message).toContain("1 index (public.names_a)");
    // From next door, without the names of the indexes.
    const [seen] = (await find(database, "doctor/collation-version")).filter(
      ({ object }) => object === `"${name}"`,
    );
    expect(seen).toMatchObject({ severity: "warning" });
    expect(seen?.message).toContain("its indexes on text may be sorted wrongly");
    await follow(inside, finding);
    expect(await find(icu, "doctor/collation-version")).toEqual([]);
    await inside.end();
  } finally {
    await sql.unsafe(`drop database "${name}" with (force)`);
  }
});

test("an extension older than the server's files, and one whose files are gone", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  await sql.unsafe(
    `create extension pg_stat_statements version '1.8'; create extension "uuid-ossp"`,
  );
  const [outdated, ...others] = await find(database, "doctor/extension-");
  expect(others).toEqual([]);
  expect(outdated).toMatchObject({
    rule: "doctor/extension-outdated",
    severity: "info",
    object: "pg_stat_statements",
    hint: "`ALTER EXTENSION pg_stat_statements UPDATE;`",
  });
  await follow(sql, outdated);
  expect(await find(database, "doctor/extension-")).toEqual([]);

  await sql.unsafe(`update pg_extension set extname = 'lost one' where extname = 'uuid-ossp'`);
  expect(await find(database, "doctor/extension-")).toMatchObject([
    { rule: "doctor/extension-files-missing", severity: "error", object: '"lost one"' },
  ]);
  await sql.unsafe(
    `update pg_extension set extname = 'uuid-ossp', extversion = '99' where extname = 'lost one'`,
  );
  expect(await find(database, "doctor/extension-")).toMatchObject([
    { rule: "doctor/extension-newer", object: '"uuid-ossp"' },
  ]);
});

test("pg_stat_statements is loaded, and not created here", async () => {
  await using database = await withDatabase();
  const [finding] = await find(database, "doctor/query-statistics");
  expect(finding?.message).toBe(
    "pg_stat_statements is recording, but not created in this database",
  );
  await follow(database.sql, finding);
  expect(await find(database, "doctor/query-statistics")).toEqual([]);
});

test("a schema in which everybody may create objects, as upgraded databases have it", async () => {
  await using database = await withDatabase();
  const { sql } = database;
  expect(await find(database, "doctor/schema-open")).toEqual([]);
  await sql.unsafe(`grant create on schema public to public; create schema "My Shop";
    grant create, usage on schema "My Shop" to public; create schema closed; grant usage on schema closed to public`);
  const findings = await find(database, "doctor/schema-open");
  expect(findings.map(({ object }) => object)).toEqual(['"My Shop"', "public"]);
  for (const finding of findings) await follow(sql, finding, (_, i) => i === 0);
  expect(await find(database, "doctor/schema-open")).toEqual([]);
});
