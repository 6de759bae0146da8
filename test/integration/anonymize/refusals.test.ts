/** What is refused before anything is written, and what the mark in the target says. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyBetween } from "../../support/anonymize.ts";
import { serverUrl, type TestDatabase, withDatabase } from "../../support/database.ts";
import postgres from "postgres";

let source: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  await source.sql`create table people (id int primary key, email text unique, age int check (age > 0))`;
  await source.sql`insert into people select i, 'p' || i || '@real.test', 1 + i % 90 from generate_series(1, 1000) i`;
});

afterAll(() => source[Symbol.asyncDispose]());

async function isUntouched(target: TestDatabase): Promise<boolean> {
  const [row] = await target.sql`select to_regclass('public.people') is null
    and to_regnamespace('pgwright') is null as "isUntouched"`;
  return row?.["isUntouched"] === true;
}

test("the source is refused as its own target, by another address too", async () => {
  const url = new URL(source.url);
  url.hostname = url.hostname === "localhost" ? "127.0.0.1" : "localhost";
  for (const target of [source.url, url.href]) {
    await expect(copyBetween(source, { url: target })).rejects.toMatchObject({
      code: "copy-refused",
      message: expect.stringContaining("the target is the source"),
    });
  }
});

test("a target with something in it is refused by name, and keeps it", async () => {
  await using target = await withDatabase();
  await target.sql`create table precious (id int)`;
  await target.sql`create type colour as enum ('red')`;
  const tries = [{}, { replace: target.name }];
  for (const more of tries) {
    await expect(copyBetween(source, target, more)).rejects.toMatchObject({
      code: "copy-refused",
      details: { notes: ["in it: public.precious, type public.colour"] },
    });
  }
  expect(await isUntouched(target)).toBe(true);
});

test("a protected target is refused", async () => {
  await using target = await withDatabase();
  await target.sql`create schema pgwright`;
  await target.sql`create table pgwright.protection (only_row bool default true, database_name text,
    system_identifier text, reason text, protected_by text default 'me', protected_at timestamptz default now())`;
  await target.sql`insert into pgwright.protection (database_name) values (${target.name})`;
  await expect(copyBetween(source, target)).rejects.toMatchObject({ code: "database-protected" });
});

test("a complete copy is replaced only when it is named", async () => {
  await using target = await withDatabase();
  await copyBetween(source, target);
  await expect(copyBetween(source, target)).rejects.toMatchObject({
    code: "copy-refused",
    message: expect.stringContaining("holds a complete copy already"),
  });
  await expect(copyBetween(source, target, { replace: "other" })).rejects.toMatchObject({
    message: expect.stringContaining("--replace names `other`"),
  });
  await target.sql.end({ timeout: 1 });
  const masks = { "public.people.email": "'x' || t.id || '@masked.test'" };
  const result = await copyBetween(source, target, { replace: target.name, masks });
  expect(result).toMatchObject({ beginning: "replace", rows: 1000 });
  const sql = postgres(serverUrl(), { database: target.name, max: 1 });
  expect(await sql`select count(*)::int from people where email like '%real%'`).toEqual([
    { count: 0 },
  ]);
  await sql.end();
});

test("owners and rights can be left out", async () => {
  await using database = await withDatabase();
  await using target = await withDatabase();
  const suffix = randomBytes(4).toString("hex");
  const [owner, reader] = [`copy_owner_${suffix}`, `copy_reader_${suffix}`];
  await database.sql.unsafe(`create role ${owner}; create role ${reader};
    create table t (id int); alter table t owner to ${owner}; grant select on t to ${reader}`);
  try {
    const result = await copyBetween(database, target, { omitOwners: true, omitGrants: true });
    expect(result.rows).toBe(0);
    expect(
      await target.sql`select relowner::regrole::text as owner, relacl from pg_class where relname = 't'`,
    ).toEqual([{ owner: "postgres", relacl: null }]);
  } finally {
    await database.sql.unsafe(`drop table t; drop role ${owner}; drop role ${reader}`);
  }
});

test("a mask that breaks a constraint names table and column, and no value", async () => {
  await using target = await withDatabase();
  const masks = { "public.people.age": "-t.age" };
  const failure = await copyBetween(source, target, { masks }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "copy-failed",
    message: expect.stringContaining("the target failed while `public.people` was copied"),
    details: {
      sqlstate: "23514",
      notes: [
        "row 1 of this part of public.people",
        "constraint people_age_check",
        `the target \`${target.name}\` is incomplete and marked so; the source was only read`,
      ],
    },
  });
  expect(JSON.stringify(failure)).not.toContain("real.test");
  expect(await target.sql`select state, phase from pgwright.anonymized_copy`).toEqual([
    { state: "incomplete", phase: "rows" },
  ]);
  await target.sql.end({ timeout: 1 });
  expect(await copyBetween(source, target)).toMatchObject({ beginning: "replace", rows: 1000 });
});

test("an object that cannot be made is named, and what it quotes is not", async () => {
  await using target = await withDatabase();
  const masks = { "public.people.email": "'same@masked.test'" };
  const failure = await copyBetween(source, target, { masks }).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: "copy-failed",
    message: expect.stringContaining("`constraint people_email_key on public.people`"),
    details: { sqlstate: "23505" },
  });
  expect(JSON.stringify(failure)).not.toContain("same@");
});

test("two runs at once: one of them fills the target, the other says so", async () => {
  await using target = await withDatabase();
  const outcomes = await Promise.allSettled([
    copyBetween(source, target),
    copyBetween(source, target),
  ]);
  const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  expect(refused).toMatchObject([{ code: "copy-refused" }]);
  expect(await target.sql`select state from pgwright.anonymized_copy`).toEqual([
    { state: "complete" },
  ]);
  expect(await target.sql`select count(*)::int from people`).toEqual([{ count: 1000 }]);
});

test("a dry run prints what would be run and writes nothing", async () => {
  await using target = await withDatabase();
  const masks = { "public.people.email": "'x' || t.id" };
  const { sql } = await copyBetween(source, target, { masks, dryRun: true });
  expect(sql.join("\n")).toMatch(
    /CREATE TABLE public\.people[^;]*;[\s\S]*COPY \(SELECT t\.id, 'x' \|\| t\.id AS email, t\.age FROM ONLY public\.people t\) TO STDOUT WITH \(FORMAT binary\);\nCOPY public\.people \(id, email, age\) FROM STDIN WITH \(FORMAT binary, FREEZE\);[\s\S]*ADD CONSTRAINT people_pkey PRIMARY KEY/,
  );
  expect(await isUntouched(target)).toBe(true);
});

test("foreign tables are left out by name, and what needs them is refused", async () => {
  await using database = await withDatabase();
  await using target = await withDatabase();
  await database.sql
    .unsafe(`create foreign data wrapper nowhere; create server away foreign data wrapper nowhere;
    create foreign table abroad (id int) server away; create table home (id int); insert into home values (1)`);
  const { findings, rows } = await copyBetween(database, target);
  expect(rows).toBe(1);
  expect(findings.map(({ message }) => message)).toEqual([
    "foreign data wrapper nowhere is left out: it leads to another server",
    "server away is left out: it leads to another server",
    "foreign table public.abroad is left out: it leads to another server",
  ]);
  await database.sql`create view seen as select * from abroad`;
  await expect(copyBetween(database, target, { replace: target.name })).rejects.toMatchObject({
    code: "dump-unsupported",
    details: { notes: ["view public.seen, which needs table public.abroad"] },
  });
});

test("row security that would hide rows is refused by name", async () => {
  await using database = await withDatabase();
  await using target = await withDatabase();
  const role = `copy_plain_${randomBytes(4).toString("hex")}`;
  await database.sql.unsafe(`create role ${role} login; create table secret (id int);
    alter table secret enable row level security; grant select on secret to ${role}`);
  try {
    const url = new URL(database.url);
    url.username = role;
    await expect(copyBetween({ url: url.href }, target)).rejects.toMatchObject({
      code: "copy-refused",
      message: `row security hides rows from role \`${role}\``,
      details: { notes: ["public.secret"] },
    });
  } finally {
    await database.sql.unsafe(`drop table secret; drop role ${role}`);
  }
});
