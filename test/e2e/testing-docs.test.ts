/** The examples of docs/testing.md, as they stand there. */
import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { serverUrl } from "../support/database.ts";
import { migration } from "../support/migration-project.ts";
import { type TestdbProject, withTestdbProject } from "../support/testdb-project.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");
const page = await readFile(join(root, "docs", "testing.md"), "utf8");

/** Examples that a comment before them says how to run. */
const examples = [
  ...page.matchAll(/<!-- run: (\w+)(?: --test)? (\S+) -->\n```js\n(.*?)\n```/gs),
].map(([, runner = "", file = "", text = ""]) => ({ runner, file, text }));

let project: TestdbProject;

beforeAll(async () => {
  project = await withTestdbProject({
    "migrations/002_customers.sql": migration(
      "create table customers (id int generated always as identity, name text not null);",
      "drop table customers;",
    ),
    "package.json": JSON.stringify({ name: "example", private: true, type: "module" }),
    "vitest.config.js": "export default {};\n",
  });
  const modules = join(project.path, "node_modules");
  await mkdir(modules);
  await symlink(root, join(modules, "pgwright"));
  for (const name of ["vitest", "postgres"]) {
    await symlink(join(root, "node_modules", name), join(modules, name));
  }
  await project.result("create");
});
afterAll(() => project[Symbol.asyncDispose]());

const commands: Readonly<Record<string, (file: string) => readonly string[]>> = {
  vitest: (file) => [join(root, "node_modules", "vitest", "vitest.mjs"), "run", file],
  node: (file) => ["--test", file],
};

test("there are examples for two runners", () => {
  expect(new Set(examples.map(({ runner }) => runner))).toEqual(new Set(["vitest", "node"]));
});

test.each(examples)("$runner runs $file, and nothing is left", async ({ runner, file, text }) => {
  await writeFile(join(project.path, file), `${text}\n`);
  const before = await project.databases();
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
  const outcome = await run(process.execPath, [...(commands[runner]?.(file) ?? [])], {
    cwd: project.path,
    env: { ...env, TEST_DATABASE_URL: serverUrl(), NO_COLOR: "1" },
  }).catch((error: unknown) => error as { stdout: string; stderr: string; code: number });
  expect(outcome, outcome.stdout).not.toHaveProperty("code");
  expect(outcome.stdout).toMatch(runner === "node" ? /pass 1/ : /Tests +\d passed/);
  const names = new Set(before.map(({ name }) => name));
  const { databases } = await project.result("create");
  const template = (await project.databases(databases[0].name))[0]?.comment?.match(
    /"template":"(.+?)"/,
  )?.[1];
  const left = (await project.databases()).filter(
    ({ name, comment }) => !names.has(name) && comment?.includes(`"template":"${template}"`),
  );
  expect(left.map(({ name }) => name)).toEqual([databases[0].name]);
});

test("the workflow is YAML whose commands exist", async () => {
  const [, text = ""] = /<!-- workflow -->\n```yaml\n(.*?)\n```/s.exec(page) ?? [];
  const document = parseDocument(text);
  expect(document.errors).toEqual([]);
  const { steps } = document.toJS().jobs.test;
  const call = steps
    .map(({ run = "" }: { run?: string }) => run)
    .find((line: string) => line.includes("pgwright"));
  const args = /npx pgwright (.*) >> "\$GITHUB_ENV"$/.exec(call)?.[1]?.split(" ") ?? [];
  const outcome = await project.run(args);
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(outcome.stdout).toMatch(/^DATABASE_URL=postgresql:\S+\n$/);
});
