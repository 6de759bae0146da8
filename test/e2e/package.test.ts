/** The packed tarball in an empty folder, as a new user has it. */
import { execFile } from "node:child_process";
import { access, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { version } from "../../src/version.ts";
import { withDatabase } from "../support/database.ts";
import { withFolder } from "../support/folder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..", "..");

let folder: Awaited<ReturnType<typeof withFolder>>;

beforeAll(async () => {
  folder = await withFolder({
    "package.json": JSON.stringify({ name: "a-new-user", private: true, type: "module" }),
    "migrations/001_customers.sql":
      "-- migrate:up\nCREATE TABLE customers (id int PRIMARY KEY);\n-- migrate:down\nDROP TABLE customers;\n",
  });
  const { stdout } = await run(
    "npm",
    ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder.path],
    { cwd: root },
  );
  const install = ["install", "--omit=optional", "--prefer-offline", "--no-audit", "--no-fund"];
  await run("npm", [...install, join(folder.path, stdout.trim())], { cwd: folder.path });
}, 180_000);

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

function pgwright(...args: string[]) {
  return run("npx", ["pgwright", ...args], { cwd: folder.path });
}

describe("the installed package", () => {
  test("has the version of package.json", async () => {
    const { stdout } = await pgwright("--version");
    expect(stdout.trim()).toBe(`pgwright ${version}`);
    const text = await readFile(join(root, "package.json"), "utf8");
    expect((JSON.parse(text) as { version: string }).version).toBe(version);
  });

  test("has all that its README and the documents link to", async () => {
    const place = join(folder.path, "node_modules", "pgwright");
    const documents = (await readdir(join(place, "docs"))).filter((name) => name.endsWith(".md"));
    for (const document of ["README.md", ...documents.map((name) => join("docs", name))]) {
      const text = await readFile(join(place, document), "utf8");
      const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link = ""]) => link);
      for (const link of links) {
        await expect(access(join(place, dirname(document), link)), link).resolves.toBeUndefined();
      }
    }
  });

  test("migrates, and as a library too", async () => {
    await using database = await withDatabase();
    const { stdout } = await pgwright("migrate", "--url", database.url);
    expect(stdout).toContain("Applied 1 migration");
    await writeFile(
      join(folder.path, "use.js"),
      'import { rollback, status } from "pgwright";\n' +
        "const options = { url: process.argv[2], directory: 'migrations' };\n" +
        "await rollback(options);\n" +
        "console.log((await status(options)).counts.pending);\n",
    );
    const program = await run("node", ["use.js", database.url], { cwd: folder.path });
    expect(program).toEqual({ stdout: "1\n", stderr: "" });
  });

  test("gives databases to tests, with the same error class as the library", async () => {
    await using database = await withDatabase();
    await writeFile(
      join(folder.path, "use-testing.js"),
      'import { PgwrightError } from "pgwright";\n' +
        'import { testDatabase } from "pgwright/testing";\n' +
        "const url = process.argv[2];\n" +
        "const db = await testDatabase({ url });\n" +
        "await db.drop();\n" +
        "const error = await testDatabase({ url, ttl: 'x' }).catch((thrown) => thrown);\n" +
        "console.log(error instanceof PgwrightError, db.name.startsWith('pgwright_'));\n",
    );
    const program = await run("node", ["use-testing.js", database.url], { cwd: folder.path });
    expect(program).toEqual({ stdout: "true true\n", stderr: "" });
  });

  test("has types that compile without any other package", async () => {
    await writeFile(
      join(folder.path, "use.ts"),
      'import { migrate, validateFiles, type Session } from "pgwright";\n' +
        "export const run = (session: Session) => session.query('select 1');\n" +
        "export const up = async () => (await migrate({ url: '' })).schemaVersion.length;\n" +
        "export const check = validateFiles;\n" +
        'import { testDatabase, type TestDatabase } from "pgwright/testing";\n' +
        "export const make = (): Promise<TestDatabase> => testDatabase({ ttl: '1h' });\n",
    );
    const types = join(root, "node_modules", "@types");
    const flags = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023"];
    const libraries = [
      "--lib",
      "es2023,esnext.disposable",
      "--typeRoots",
      types,
      "--types",
      "node",
    ];
    const compiled = await run(
      join(root, "node_modules", ".bin", "tsc"),
      [...flags, ...libraries, "use.ts"],
      { cwd: folder.path },
    ).catch((error: unknown) => error);
    expect(compiled).toMatchObject({ stdout: "" });
  });

  test("says what is missing without the embedded server's binaries", async () => {
    const failure = await pgwright("status", "--embedded").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 2 });
    expect((failure as { stderr: string }).stderr).toContain("error[embedded-missing]");
  });

  test("holds nothing that a user does not need", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
      cwd: root,
    });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const folders = new Set(files.map(({ path }) => path.split("/")[0]));
    expect(folders).toEqual(
      new Set([
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "bin",
        "dist",
        "docs",
        "examples",
        "package.json",
        "schema",
      ]),
    );
  });
});
