/** A copy in files: psql restores it, and nothing half-written has the name of a copy. */
import { execFile } from "node:child_process";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dumpSchema } from "../../../src/schema/dump.ts";
import { copyIntoFiles } from "../../support/anonymize.ts";
import { connectTo } from "../../support/connection.ts";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { load } from "../../support/dump.ts";
import { withFolder } from "../../support/folder.ts";

const run = promisify(execFile);
let source: TestDatabase;

beforeAll(async () => {
  source = await withDatabase();
  const path = join(import.meta.dirname, "..", "..", "fixtures", "anonymize", "nasty.sql");
  await load(source, await readFile(path, "utf8"));
});

afterAll(() => source[Symbol.asyncDispose]());

function restore(directory: string, target: TestDatabase): Promise<unknown> {
  return run("psql", ["-X", "-q", "-f", "restore.sql", target.url], { cwd: directory });
}

const tables = [`"Odd Names"."Order"`, "member", "event", "only parent", "child", "sizes", "noise"];

test("psql restores schema, rows, sequences and views, under masks too", async () => {
  await using folder = await withFolder({});
  await using target = await withDatabase();
  const output = join(folder.path, "copy");
  const masks = { "public.team.name": "'team no. ' || t.id", "public.event_a.kind": "'z' || t.id" };
  const result = await copyIntoFiles(source, output, { masks, unitBytes: 8192 });
  expect((await stat(output)).mode & 0o777).toBe(0o700);
  await restore(output, target);
  const schemaOf = async (database: TestDatabase) => {
    await using session = await connectTo(database.url);
    return (await dumpSchema(session)).sql;
  };
  expect(await schemaOf(target)).toBe(await schemaOf(source));
  for (const table of tables.filter((name) => name !== "event" && name !== "sizes")) {
    const rows = (database: TestDatabase) =>
      database.sql.unsafe(`select t::text as row from ${table} t order by 1`);
    expect([table, await rows(target)]).toEqual([table, await rows(source)]);
  }
  expect(await target.sql`select count(*)::int, min(name) from sizes`).toEqual([
    { count: 20, min: "team no. 1" },
  ]);
  // The mask of a partition key moves the rows to where they belong.
  expect(await target.sql`select count(*)::int from event_a`).toEqual([{ count: 0 }]);
  expect(await target.sql`select count(*)::int from event where kind like 'z%'`).toEqual(
    await source.sql`select count(*)::int from event_a`,
  );
  const manifest = JSON.parse(await readFile(join(output, "manifest.json"), "utf8")) as {
    tables: unknown;
  };
  expect(manifest.tables).toEqual(result.tables);
});

test("from another directory, or with a damaged file, nothing is restored", async () => {
  await using folder = await withFolder({});
  await using target = await withDatabase();
  const output = join(folder.path, "copy");
  await copyIntoFiles(source, output);
  await expect(
    run("psql", ["-X", "-f", join(output, "restore.sql"), target.url], { cwd: folder.path }),
  ).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining("the files of this copy are not here"),
  });
  const files = await readdir(join(output, "data"));
  const members = files.find((name) => name.includes("member")) ?? "";
  await writeFile(join(output, "data", members), gzipSync(""));
  await expect(restore(output, target)).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining("public.member does not have its 200 rows"),
  });
  expect(await target.sql`select count(*)::int from pg_class where relname = 'member'`).toEqual([
    { count: 0 },
  ]);
});

test("what fails leaves no directory; one that is there is left alone", async () => {
  await using folder = await withFolder({ "taken/file": "mine" });
  await expect(copyIntoFiles(source, join(folder.path, "taken"))).rejects.toMatchObject({
    code: "file-exists",
  });
  const controller = new AbortController();
  const masks = { "public.member.boss": "length(pg_sleep(0.01)::text)" };
  const running = copyIntoFiles(source, join(folder.path, "copy"), {
    masks,
    signal: controller.signal,
    events: () => controller.abort(),
  });
  setTimeout(() => controller.abort(), 500);
  await expect(running).rejects.toMatchObject({ code: "interrupted" });
  expect(await readdir(folder.path)).toEqual(["taken"]);
});
