/** Two connection strings in an empty folder, and the labels of an enum. */
import { expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withDatabase } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";

test("labels come where they belong, and what uses them comes after", async () => {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await using folder = await withFolder({});
  await one.sql`create type mood as enum ('b', 'e')`;
  await one.sql`create type gone as enum ('x', 'y')`;
  await other.sql`create type mood as enum ('a', 'b', 'c', 'it''s', 'e', 'f')`;
  await other.sql`create type gone as enum ('y', 'x')`;
  await other.sql`create table t (m mood default 'c')`;
  const diff = (...args: string[]) =>
    runCommand(["diff", one.url, other.url, ...args], { cwd: folder.path });

  const { code, stdout } = await diff("--sql");
  expect(code).toBe(0);
  const lines = stdout.split("\n");
  expect(lines.filter((line) => line.startsWith("ALTER TYPE"))).toEqual([
    "ALTER TYPE public.mood ADD VALUE 'a' BEFORE 'b';",
    "ALTER TYPE public.mood ADD VALUE 'c' AFTER 'b';",
    "ALTER TYPE public.mood ADD VALUE 'it''s' AFTER 'c';",
    "ALTER TYPE public.mood ADD VALUE 'f' AFTER 'e';",
  ]);
  expect(lines).toContain(
    "-- not in one transaction: a new label of an enum can be used only once it is committed",
  );
  // A label that went or moved has no statement.
  expect(stdout).toContain(
    "-- left out: type public.gone: PostgreSQL takes no label away from an enum",
  );

  const { script } = (
    JSON.parse((await diff("--json")).stdout) as {
      result: { script: { sql: string[] }[] };
    }
  ).result;
  for (const statement of script.flatMap(({ sql }) => sql)) await one.sql.unsafe(statement);
  const left = JSON.parse((await diff("--json")).stdout) as {
    result: { differences: { object: string }[] };
  };
  expect(left.result.differences.map(({ object }) => object)).toEqual(["type public.gone"]);
});
