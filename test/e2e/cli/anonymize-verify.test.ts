/** A copy and its proof as a user sees them: exit codes, streams, the report. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, withDatabase } from "../../support/database.ts";
import { withMaskedShop } from "../../support/masked-shop.ts";
import type { MigrationProject } from "../../support/migration-project.ts";

let project: MigrationProject;
let target: TestDatabase;

const env = {
  PGWRIGHT_ANON_KEY: "8f14e45fceea167a5a36dedd4bea2543c9f0f895fb98ab9159f51fd0297e236d",
};

beforeAll(async () => {
  project = await withMaskedShop();
  target = await withDatabase();
});

afterAll(async () => {
  await project[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
});

test("a run proves itself, and writes a page that needs nothing else", async () => {
  const { code, stdout, stderr } = await project.run(
    ["anonymize", "run", "--target", target.url, "--report", "report.html"],
    { env },
  );
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  expect(stdout).toMatch(
    /verified: none of [\d,]+ originals is among [\d,]+ values and words of the copy/,
  );
  const page = await readFile(join(project.path, "report.html"), "utf8");
  expect(page).toContain("No original of a masked column was found");
  expect(page).toContain("Pseudonymised");
  expect(page).not.toMatch(/<script|<link|https?:\/\/(?!example)|real\.test/);
});

test("verify exits 0 on a clean copy and 1 on one that is not, and shows no original", async () => {
  const args = ["anonymize", "verify", "--source", project.database.url];
  const options = { url: target.url, env };
  const clean = await project.run([...args, "--json"], options);
  expect(clean.code).toBe(0);
  expect((JSON.parse(clean.stdout) as { result: object }).result).toMatchObject({
    isClean: true,
    kind: "pseudonymised",
  });
  await target.sql`update orders set note = 'was for Ann Real7, ann7@real.test' where id = 5`;
  const dirty = await project.run([...args, "--report", "report.json"], options);
  expect(dirty.code).toBe(1);
  expect(dirty.stdout + dirty.stderr).toMatch(
    /1 original of public\.people\.email stands in public\.orders\.note/,
  );
  expect(dirty.stdout + dirty.stderr).not.toContain("ann7@real");
  const report = JSON.parse(await readFile(join(project.path, "report.json"), "utf8")) as {
    isClean: boolean;
  };
  expect(report.isClean).toBe(false);
});

test("a report must say by its name which form it has, before anything is read", async () => {
  const { code, stderr } = await project.run(
    ["anonymize", "verify", "--source", project.database.url, "--report", "report.pdf"],
    { env },
  );
  expect(code).toBe(2);
  expect(stderr).toContain(".html or .json");
});

test("masking in place needs the database's name, and refuses what is protected", async () => {
  const { name } = project.database;
  const bare = await project.run(["anonymize", "run", "--in-place"], { env });
  expect([bare.code, bare.stderr]).toEqual([2, expect.stringContaining(`--in-place --confirm`)]);
  await project.mustRun(["db", "protect"]);
  const marked = await project.run(["anonymize", "run", "--in-place", "--confirm", name], { env });
  expect([marked.code, marked.stderr]).toEqual([4, expect.stringContaining("database-protected")]);
  expect(
    await project.sql`select count(*)::int from people where email like '%@real.test'`,
  ).toEqual([{ count: 1000 }]);
});
