import { expect, test, type TestContext } from "vitest";
import { dumpObjects } from "../../src/schema/dump.ts";
import { connectTo } from "../support/connection.ts";
import { withDatabase } from "../support/database.ts";
import { withFitnessHub } from "../support/fitnesshub.ts";
import {
  dump,
  findProgram,
  load,
  loadWithPsql,
  majorVersion,
  pgDump,
  withFixtureRoles,
} from "../support/dump.ts";

const fixtures = [
  "types",
  "routines",
  "tables",
  "partitions",
  "cycles",
  "privileges",
  "names",
  "expressions",
  "shop",
  "bare",
  "since-18",
];

/** Skips with a reason that stands in the output of every reporter. */
function skip(context: TestContext, reason: string): never {
  process.stderr.write(`SKIPPED: ${context.task.name}: ${reason}\n`);
  context.skip(reason);
}

test.for(fixtures)("%s: what is loaded from a dump dumps the same", async (fixture, context) => {
  await using roles = await withFixtureRoles();
  await using original = await withDatabase();
  const major = await majorVersion(original);
  if (fixture === "since-18" && major < 18) skip(context, `the server is PostgreSQL ${major}`);
  await load(original, await roles.read(fixture));
  const { sql } = await dump(original);
  await using copy = await withDatabase();
  await load(copy, sql);
  expect((await dump(copy)).sql).toBe(sql);
  expect((await dump(original)).sql).toBe(sql);
  // By its label an object is found in another schema.
  await using session = await connectTo(original.url);
  const labels = (await dumpObjects(session)).objects.map(({ label }) => label);
  expect(labels.filter((label, at) => labels.indexOf(label) !== at)).toEqual([]);
});

test.for(fixtures)("%s: pg_dump sees no difference either", async (fixture, context) => {
  await using roles = await withFixtureRoles();
  await using original = await withDatabase();
  const major = await majorVersion(original);
  const program = await findProgram("pg_dump", major);
  if (program === undefined) skip(context, `there is no pg_dump of version ${major} or later`);
  if (fixture === "since-18" && major < 18) skip(context, `the server is PostgreSQL ${major}`);
  await load(original, await roles.read(fixture));
  await using copy = await withDatabase();
  await load(copy, (await dump(original)).sql);
  const [wanted, found] = [await pgDump(program, original), await pgDump(program, copy)];
  expect(withoutCopiedNames(found)).toBe(withoutCopiedNames(wanted));
});

/**
 * Since version 18 the NOT NULLs of a partition have names, most of them their parent's. A dump
 * does not say those, so they are left out of the comparison, in these fixtures' own spelling.
 */
function withoutCopiedNames(sql: string): string {
  return sql.replaceAll(/ CONSTRAINT (?:\w+_not_null|parted_id) NOT NULL/g, " NOT NULL");
}

test("the text is the same on every server", async () => {
  await using roles = await withFixtureRoles();
  await using database = await withDatabase();
  await load(database, await roles.read("golden"));
  const { sql, findings } = await dump(database, { omitOwners: true });
  expect(sql).toBe(await roles.read("golden.expected"));
  expect(findings).toEqual([]);
});

test("psql loads a dump in one transaction", async (context) => {
  const program = await findProgram("psql", 15);
  if (program === undefined) skip(context, "there is no psql");
  await using roles = await withFixtureRoles();
  await using original = await withDatabase();
  await load(original, await roles.read("tables"));
  const { sql } = await dump(original);
  await using copy = await withDatabase();
  await loadWithPsql(program, copy, sql);
  expect((await dump(copy)).sql).toBe(sql);
});

test("loading leaves no setting behind, in a transaction or outside", async () => {
  await using original = await withDatabase();
  await load(original, "create table t (id integer primary key)");
  const { sql } = await dump(original);
  const shows = ["search_path", "check_function_bodies", "client_encoding"];
  for (const [before, after] of [
    ["begin", "commit"],
    ["select 1", "select 2"],
  ] as const) {
    await using copy = await withDatabase();
    await using session = await connectTo(copy.url);
    const settings = () =>
      session.query("select name, setting from pg_settings where name = any ($1::text::text[])", [
        `{${shows.join()}}`,
      ]);
    const untouched = await settings();
    await session.script(before);
    await session.script(sql);
    await session.script(after);
    expect(await settings()).toEqual(untouched);
    expect(untouched).toHaveLength(3);
  }
});

test("dumping leaves neither a setting nor a transaction behind, and writes nothing", async () => {
  await using database = await withDatabase();
  await using session = await connectTo(database.url);
  const { dumpSchema } = await import("../../src/schema/dump.ts");
  const look = () =>
    session.one(
      `select current_setting('search_path') as path, current_setting('TimeZone') as zone,
        pg_current_xact_id_if_assigned() as xid, now() = statement_timestamp() as outside`,
    );
  const before = await look();
  await dumpSchema(session);
  expect(await look()).toEqual(before);
  expect(before).toMatchObject({ xid: null, outside: true });
});

test("time zone, date style and language of the session do not show", async () => {
  await using database = await withDatabase();
  await load(
    database,
    `create table t (at timestamptz default '2024-01-01 12:00+00', span interval default '-1 day 2:03',
       price money default 1234.5, f float8 default 0.1, b bytea default '\\xff')
       partition by range (at);
     create table t1 partition of t for values from ('2024-01-01 00:00+00') to ('2024-02-01 00:00+00')`,
  );
  await using plain = await connectTo(database.url);
  await using odd = await connectTo(database.url);
  await odd.script(
    `set timezone = 'Asia/Kathmandu'; set datestyle = 'German'; set intervalstyle = 'sql_standard';
     set extra_float_digits = -15; set bytea_output = 'escape'; set quote_all_identifiers = on;
     set search_path = public, pg_temp`,
  );
  const { dumpSchema } = await import("../../src/schema/dump.ts");
  const { sql } = await dumpSchema(odd);
  expect(sql).toBe((await dumpSchema(plain)).sql);
  expect(sql).toContain("'2024-01-01 00:00:00+00'");
});

test("the FitnessHub schema survives a dump and a load", async (context) => {
  await using original = await withFitnessHub();
  const { sql, findings } = await dump(original);
  expect(findings).toEqual([]);
  await using copy = await withDatabase();
  await load(copy, sql);
  expect((await dump(copy)).sql).toBe(sql);
  const major = await majorVersion(original);
  const program = await findProgram("pg_dump", major);
  if (program === undefined) skip(context, `there is no pg_dump of version ${major} or later`);
  expect(withoutCopiedNames(await pgDump(program, copy))).toBe(
    withoutCopiedNames(await pgDump(program, original)),
  );
});
