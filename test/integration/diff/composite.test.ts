/** Composite types: attributes come, and nothing is changed that holds values. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { type TestFolder, withFolder } from "../../support/folder.ts";

let one: TestDatabase;
let other: TestDatabase;
let folder: TestFolder;

interface Shown {
  readonly object: string;
  readonly words: readonly string[];
  readonly sql: readonly string[];
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
}

async function diff(): Promise<Shown[]> {
  const { stdout } = await runCommand(["diff", one.url, other.url, "--json"], { cwd: folder.path });
  return (JSON.parse(stdout) as { result: { differences: Shown[] } }).result.differences;
}

beforeAll(async () => {
  [one, other, folder] = await Promise.all([withDatabase(), withDatabase(), withFolder({})]);
  await one.sql.unsafe(`
    create type address as (street text, "No." int, gone text);
    create type size as (w int);
    create type line as (a int, b int);
    create table t (a address, s size);
    create table sizes of size;`);
  await other.sql.unsafe(`
    create type mood as enum ('good');
    create type address as (street text, "No." bigint, zip varchar(9) collate "C", mood mood);
    create type size as (w int, h int);
    create type line as (b int, c int, a int);
    comment on column address.zip is 'of the post';
    create table t (a address, s size);
    create table sizes of size;
    create view zips as select (a).zip from t;`);
});

afterAll(async () => {
  for (const made of [one, other, folder]) await made[Symbol.asyncDispose]();
});

test("what differs is told attribute by attribute, and what only adds is done", async () => {
  const shown = await diff();
  const of = (object: string) => shown.find((difference) => difference.object === object);
  expect(of("type public.address")).toMatchObject({
    words: [
      'attribute "No." has the type `bigint` and had `integer`',
      "attribute gone is gone (`gone text`)",
      'attribute zip is new (`zip varchar(9) COLLATE "C"`)',
      "attribute mood is new (`mood public.mood`)",
      "now: COMMENT ON COLUMN public.address.zip IS 'of the post'",
    ],
    sql: [
      'ALTER TYPE public.address ADD ATTRIBUTE zip varchar(9) COLLATE "C"',
      "ALTER TYPE public.address ADD ATTRIBUTE mood public.mood",
      "COMMENT ON COLUMN public.address.zip IS 'of the post'",
    ],
    leftOut: [
      { what: 'attribute "No."', why: "another type can fail on its values, or change them" },
      { what: "attribute gone", why: "dropping it would lose its values" },
    ],
  });
  expect(of("type public.size")?.leftOut).toEqual([
    { what: "attribute h", why: "table public.sizes is made of the type" },
  ]);
  expect(of("type public.line")).toMatchObject({
    words: [
      "attribute c is new (`c integer`)",
      "its attributes stand in another order: b, a and not a, b; PostgreSQL cannot change that",
    ],
    sql: ["ALTER TYPE public.line ADD ATTRIBUTE c integer"],
    leftOut: [{ what: "the order of its attributes", why: "PostgreSQL cannot change it" }],
  });
});

test("the script runs, and leaves what it has named", async () => {
  const { stdout } = await runCommand(["diff", one.url, other.url, "--sql"], { cwd: folder.path });
  await one.sql.unsafe(stdout);
  const left = await diff();
  expect(left.map(({ object }) => object).toSorted()).toEqual([
    "type public.address",
    "type public.line",
    "type public.size",
  ]);
  expect(left.flatMap(({ sql }) => sql)).toEqual([]);
  expect(await one.sql`select * from zips`).toEqual([]);
});
