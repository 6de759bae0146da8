/** Text search configurations: each kind of word has its dictionaries, and changes by itself. */
import { expect, test } from "vitest";
import { runCommand } from "../../support/cli.ts";
import { withDatabase } from "../../support/database.ts";
import { withFolder } from "../../support/folder.ts";

test("mappings come, go and change", async () => {
  await using one = await withDatabase();
  await using other = await withDatabase();
  await using folder = await withFolder({});
  for (const { sql } of [one, other]) {
    await sql`create text search configuration words (copy = pg_catalog.english)`;
  }
  await one.sql`alter text search configuration words drop mapping for numword`;
  await other.sql`alter text search configuration words drop mapping for word`;
  await other.sql`alter text search configuration words alter mapping for hword with simple`;
  const diff = (...args: string[]) =>
    runCommand(["diff", one.url, other.url, ...args], { cwd: folder.path });
  const { stdout } = await diff("--sql");
  expect(stdout.split("\n").filter((line) => line.startsWith("ALTER"))).toEqual([
    "ALTER TEXT SEARCH CONFIGURATION public.words DROP MAPPING FOR hword;",
    "ALTER TEXT SEARCH CONFIGURATION public.words DROP MAPPING FOR word;",
    "ALTER TEXT SEARCH CONFIGURATION public.words ADD MAPPING FOR hword WITH pg_catalog.simple;",
    "ALTER TEXT SEARCH CONFIGURATION public.words ADD MAPPING FOR numword WITH pg_catalog.simple;",
  ]);
  await one.sql.unsafe(stdout);
  expect((await diff()).stdout).toContain("have the same schema");
});
