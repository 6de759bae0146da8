/** A copy holds what the source holds, as the masks say, and nothing that was set off by copying. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpSchema } from "../../../src/schema/dump.ts";
import { copyBetween } from "../../support/anonymize.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";

let source: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  const path = join(import.meta.dirname, "..", "..", "fixtures", "anonymize", "nasty.sql");
  await load(source, await readFile(path, "utf8"));
  await source.sql`analyze`;
});

afterAll(() => source[Symbol.asyncDispose]());

const tables = [
  `"Odd Names"."Order"`,
  "team",
  "member",
  "event",
  "event_a",
  "only parent",
  "child",
  "edges",
  "foreigners",
  "dropped",
  "fleeting",
  "by_team",
  "sizes",
  "total",
  "wide",
  "noise",
];

/** Every row as text, in order. */
async function rowsOf(database: TestDatabase, table: string): Promise<string[]> {
  const rows = await database.sql.unsafe(`select t::text as row from ${table} t order by 1`);
  return rows.map((row) => String(row["row"]));
}

async function schemaOf(database: TestDatabase): Promise<string> {
  await using session = await connectTo(database.url);
  return (await dumpSchema(session)).sql;
}

test("an unmasked plan gives the same schema and the same rows", async () => {
  await using target = await withDatabase();
  const result = await copyBetween(source, target, { unitBytes: 8192 });
  expect(await schemaOf(target)).toBe(await schemaOf(source));
  for (const table of tables) {
    expect([table, await rowsOf(target, table)]).toEqual([table, await rowsOf(source, table)]);
  }
  expect(await target.sql`select count(*)::int from nothing`).toEqual([{ count: 2 }]);
  expect(await target.sql`select last_value, is_called from free_numbers`).toEqual(
    await source.sql`select last_value, is_called from free_numbers`,
  );
  await target.sql`insert into noise (said) values ('next')`;
  expect(await target.sql`select max(id) from noise`).toEqual(
    await source.sql`select max(id) + 1 as max from noise`,
  );
  expect(
    await target.sql`select relname from pg_class where relkind = 'm' and not relispopulated`,
  ).toEqual([{ relname: "never_filled" }]);
  expect(await target.sql`select state, phase from pgwright.anonymized_copy`).toEqual([
    { state: "complete", phase: "complete" },
  ]);
  expect(result.tables.find(({ table }) => table === "public.member")).toMatchObject({ rows: 200 });
});

test("a masked partition key moves rows to where they belong, once", async () => {
  await using target = await withDatabase();
  const masks = { "public.event_a.kind": "'z' || t.id", "public.event_rest_0.kind": "'a'" };
  await copyBetween(source, target, { masks, unitBytes: 8192 });
  const [expected] = await source.sql`select (select count(*) from event_a)::int as moved,
    (select count(*) from event_rest_0)::int as "becomesA", (select count(*) from event)::int as whole`;
  const [found] = await target.sql`select count(*) filter (where kind like 'z%')::int as moved,
    count(*) filter (where tableoid = 'event_a'::regclass)::int as "becomesA", count(*)::int as whole from event`;
  expect(found).toEqual(expected);
});

test("types travel in binary form where it means the same to every server", async () => {
  await using target = await withDatabase();
  const { sql } = await copyBetween(source, target, { dryRun: true });
  const formOf = (table: string) =>
    sql
      .filter((one) => one.startsWith("COPY") && one.includes(`public.${table} `))
      .map((one) => one.includes("FORMAT binary"));
  expect([formOf("edges"), formOf("foreigners")]).toEqual([
    [true, true],
    [false, false],
  ]);
});
