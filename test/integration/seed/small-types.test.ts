/**
 * Unique keys of types that have few values: as many rows as there are values, or a reason, and never
 * a duplicate that the server refuses, nor a search without an end.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migration, withMigrations } from "../../support/migration-project.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { runSeed } from "../../support/seed.ts";

/** Types, what a column of them checks, and how many values a unique one can have, up to 100. */
const small = [
  ["bit(1)", "", 2],
  ["bit", "", 2],
  ["bit(2)", "", 4],
  ["bit(3)", "", 8],
  ["varbit(1)", "", 2],
  ["varbit(3)", "", 8],
  ["varbit", "", 100],
  ["boolean", "", 2],
  ['"Mood"', "", 3],
  ['"Mood"', "check (x <> 'sad')", 2],
  ['"Good Mood"', "", 2],
  ["varchar(1)", "", 36],
  ["char(1)", "check (x in ('a', 'b', 'b'))", 2],
  ['"char"', "", 36],
  ["numeric(1, 0)", "", 9],
  ["numeric(2, 1)", "check (x > 0 and x < 1)", 9],
  ["smallint", "check (x between 3 and 7)", 5],
  ["smallint", "check (x between 3 and 7 and x <> 5)", 4],
  ["int", "check (x in (1, 2, 3)) check (x > 1)", 2],
  ["digit", "", 9],
  ["date", "check (x between '2024-01-01' and '2024-01-10')", 10],
  ["date", "check (x < '2020-01-01')", 100],
  ["timestamptz", "check (x >= '2024-01-01 12:00+00' and x < '2024-01-01 12:00:05+00')", 5],
  ["time", "", 100],
  ["interval year", "", 100],
  ["interval day to hour", "", 100],
  ["inet", "", 100],
  ["uuid", "", 100],
  ["jsonb", "", 100],
  ["jsonb", "check (jsonb_typeof(x) = 'boolean')", 2],
  ["jsonb", "check (jsonb_typeof(x) = 'array')", 100],
  ["tsvector", "", 100],
  ["tsquery", "", 100],
  ["int4range", "", 100],
  ["daterange", "", 100],
  ["int4multirange", "", 100],
  ["boolean[]", "", 2],
  ["bit(2)[]", "", 4],
  ["text[]", "", 100],
  ['"Pair"', "", 3],
  ['"Stay"', "", 100],
] as const;

const types = `
create domain digit as smallint check (value between 1 and 9);
create type "Mood" as enum ('sad', 'ok', 'good');
create domain "Good Mood" as "Mood" check (value <> 'sad');
create type "Pair" as (mood "Mood", flag boolean);
create type "Stay" as (flag boolean, during daterange);`;

describe("a unique column", () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await withDatabase();
    await database.sql.unsafe(types);
  });

  afterAll(async () => {
    await database[Symbol.asyncDispose]();
  });

  it.for(small)("%s %s has up to %i rows", async ([type, check, most]) => {
    await database.sql.unsafe(
      `drop table if exists small; create table small (id int primary key, x ${type} unique ${check})`,
    );
    const { loaded } = await runSeed(database);
    expect(loaded.map(({ rows }) => rows)).toEqual([most]);
    const [row] = await database.sql`select count(distinct x)::int as n from small`;
    expect(row).toEqual({ n: most });
    if (most === 100) return;
    await database.sql`truncate small`;
    const requests = { "public.small": { rows: most + 1, columns: {} } };
    await expect(runSeed(database, { requests })).rejects.toMatchObject({
      code: "seed-impossible",
      message: expect.stringMatching(new RegExp(`unique x allows ${most}$`)),
    });
  });
});

it("ends where a type has two values", async () => {
  await using project = await withMigrations({
    "001_create_e.sql": migration(
      "create table e (id int primary key, x varbit(1) unique);",
      "drop table e;",
    ),
  });
  await project.mustRun(["migrate"]);
  await project.mustRun(["seed"]);
  const rows = await project.sql`select x::text from e order by x`;
  expect(rows.map(({ x }) => x as string)).toEqual(["0", "1"]);
  await project.mustRun(["seed", "--append"]);
});

it("fills keys of several small columns with every combination", async () => {
  await using database = await withDatabase();
  await database.sql.unsafe(`${types}
    create table a (x smallint check (x between 1 and 3), y smallint check (y between 1 and 4), unique (x, y), z int primary key);
    create table b (x bit(1), y boolean, z "Good Mood", primary key (x, y, z));
    create table c (x digit, y "Mood", primary key (y, x));
    create table d (x smallint check (x between 1 and 5), y text, primary key (x, y));
    create table e (id int primary key, day smallint check (day between 0 and 6), opens smallint check (opens between 0 and 23),
      closes smallint check (closes between 0 and 23), check (closes > opens), unique (day, opens, closes));`);
  const { loaded } = await runSeed(database);
  expect(Object.fromEntries(loaded.map(({ table, rows }) => [table, rows]))).toMatchObject({
    "public.a": 12,
    "public.b": 8,
    "public.c": 27,
    "public.d": 100,
  });
});

it("fills tables of any small types, or says how many rows there can be", async () => {
  const column = fc.record({ type: fc.nat(small.length - 1), isNotNull: fc.boolean() });
  await using database = await withDatabase();
  await database.sql.unsafe(types);
  await fc.assert(
    fc.asyncProperty(
      fc.array(column, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(15), { minLength: 1, maxLength: 3 }),
      async (columns, keys) => {
        const lines = columns.map(({ type, isNotNull }, n) => {
          const [name, check] = small[type] as (typeof small)[number];
          return `x${n} ${name} ${isNotNull ? "not null" : ""} ${check.replaceAll(/\bx\b/g, `x${n}`)}`;
        });
        const uniques = keys.flatMap((bits) => {
          const names = columns.flatMap((_, n) => ((bits >> n) % 2 === 1 ? [`x${n}`] : []));
          return names.length === 0 ? [] : [`unique (${names.join(", ")})`];
        });
        await database.sql.unsafe(
          `drop table if exists small; create table small (${[...lines, ...uniques].join(", ")})`,
        );
        const { loaded } = await runSeed(database);
        expect(loaded).toHaveLength(1);
      },
    ),
    { numRuns: 60, seed: 20260101 },
  );
});
