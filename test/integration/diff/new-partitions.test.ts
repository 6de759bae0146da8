/** A new partition gets the indexes of its table under the names that the second schema has. */
import { beforeAll, expect, test } from "vitest";
import { findDifferences } from "../../../src/diff/differences.ts";
import { loadParser } from "../../../src/db/script.ts";
import { dumpObjects } from "../../../src/schema/dump.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";

beforeAll(loadParser);

async function objectsOf({ url }: TestDatabase) {
  await using session = await connectTo(url);
  const { objects } = await dumpObjects(session);
  return objects;
}

async function differencesAfter(from: string, to: string) {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await one.sql.unsafe(from).simple();
  await other.sql.unsafe(to).simple();
  const target = await objectsOf(other);
  const { script } = findDifferences(await objectsOf(one), target);
  await one.sql.unsafe(script.flatMap(({ sql }) => sql).join(";\n")).simple();
  return findDifferences(await objectsOf(one), target).differences;
}

test("an index of the table that is made anew gives them none under a name of PostgreSQL's choice", async () => {
  const table = "create table p (id int) partition by range (id);";
  const left = await differencesAfter(
    `${table} create index p_i on p (id desc);`,
    `${table} create table p1 partition of p for values from (1) to (9) partition by list (id);
     create table p11 partition of p1 for values in (1);
     create index own on p1 (id); create unique index p_i on p (id desc);`,
  );
  expect(left).toEqual([]);
});

test("a key on the same columns is not taken for the index", async () => {
  const left = await differencesAfter(
    "create table p (id int) partition by range (id); create unique index p_i on p (id desc);",
    `create table p (id int, constraint p_key unique (id)) partition by range (id);
     create table p1 partition of p for values from (1) to (9); create unique index p_i on p (id desc);`,
  );
  expect(left).toEqual([]);
});
