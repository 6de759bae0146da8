/** The examples of docs/testing.md, as they stand there. */
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { serverUrl } from "../support/database.ts";
import { withFolder } from "../support/folder.ts";
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
  const [, jestConfig = ""] = /<!-- jest.config.js -->\n```js\n(.*?)\n```/s.exec(page) ?? [];
  await project.write("jest.config.js", jestConfig);
  await project.result("create");
});
afterAll(() => project[Symbol.asyncDispose]());

const commands: Readonly<Record<string, (file: string) => readonly string[]>> = {
  vitest: (file) => [join(root, "node_modules", "vitest", "vitest.mjs"), "run", file],
  node: (file) => ["--test", file],
  jest: (file) => [
    "--experimental-vm-modules",
    join(project.path, "node_modules", "jest", "bin", "jest.js"),
    file,
  ],
};

const passed: Readonly<Record<string, RegExp>> = {
  vitest: /Tests +\d passed/,
  node: /pass 1/,
  jest: /Tests: +1 passed/,
};

test("there are examples for three runners", () => {
  expect(new Set(examples.map(({ runner }) => runner))).toEqual(
    new Set(["vitest", "node", "jest"]),
  );
});

/** jest is none of our dependencies (186 packages); undefined when it is there, else what npm says. */
async function installJest(): Promise<string | undefined> {
  await using folder = await withFolder({ "package.json": '{ "private": true }' });
  try {
    const args = ["install", "--prefer-offline", "--no-audit", "--no-fund", "jest@30"];
    await run("npm", args, { cwd: folder.path, timeout: 120_000 });
  } catch (error) {
    return `jest could not be installed: ${String((error as { stderr?: string }).stderr ?? error)}`;
  }
  const modules = join(folder.path, "node_modules");
  await cp(modules, join(project.path, "node_modules"), { recursive: true });
  return undefined;
}

// jest takes a quarter of a minute to install, and does not care for the server's version.
const isOlderServer = /^1[567]$/.test(process.env["PGWRIGHT_TEST_VERSION"] ?? "");
const tried = examples.filter(({ runner }) => runner !== "jest" || !isOlderServer);

test.for(tried)("$runner runs $file, and nothing is left", async (example, context) => {
  const { runner, file, text } = example;
  const missing = runner === "jest" ? await installJest() : undefined;
  if (missing !== undefined) {
    process.stderr.write(`SKIPPED: ${missing}\n`);
    return context.skip(missing);
  }
  await writeFile(join(project.path, file), `${text}\n`);
  const before = await project.databases();
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
  const outcome = await run(process.execPath, [...(commands[runner]?.(file) ?? [])], {
    cwd: project.path,
    env: { ...env, TEST_DATABASE_URL: serverUrl(), NO_COLOR: "1" },
  }).catch((error: unknown) => error as { stdout: string; stderr: string; code: number });
  expect(outcome, outcome.stdout + outcome.stderr).not.toHaveProperty("code");
  expect(outcome.stdout + outcome.stderr).toMatch(passed[runner] ?? /never/);
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
