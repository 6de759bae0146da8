import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseDatabase } from "../../../src/config/database.ts";
import { defaultSettings } from "../../../src/config/defaults.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { listSurprises } from "../../../src/config/new-project.ts";
import { PgwrightError } from "../../../src/errors.ts";
import { applyInit } from "../../../src/init/apply.ts";
import { planInit } from "../../../src/init/plan.ts";
import { withFolder } from "../../support/folder.ts";

async function failure(work: Promise<unknown>): Promise<PgwrightError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PgwrightError);
  return error as PgwrightError;
}

async function listAll(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

describe("in an empty folder", () => {
  test("writes a project that loads without a mistake and uses the embedded server", async () => {
    await using folder = await withFolder();
    const directory = join(folder.path, "new", "project");
    await applyInit(await planInit(directory));
    expect(await listAll(directory)).toEqual([
      ".gitignore",
      "migrations/.gitkeep",
      "pgwright.yaml",
      "policies/.gitkeep",
      "seeds/.gitkeep",
    ]);
    expect(await readFile(join(directory, ".gitignore"), "utf8")).toBe(".pgwright/\n.env\n");
    const config = await loadConfig({ workingDirectory: directory, environment: {}, flags: {} });
    expect(chooseDatabase(config)).toMatchObject({
      kind: "embedded",
      environmentName: "development",
    });
    expect(config.settings).toMatchObject({
      environments: { production: { url: "${PRODUCTION_URL}", protected: true } },
      lock_timeout: defaultSettings.lock_timeout,
      lock_budget: defaultSettings.lock_budget,
      migrations: {
        ...defaultSettings.migrations,
        directory: join(directory, defaultSettings.migrations.directory),
      },
    });
  });

  test("planning writes nothing", async () => {
    await using folder = await withFolder();
    const plan = await planInit(folder.path);
    expect(plan.steps.map(({ action, path }) => `${action} ${path}`)).toEqual([
      "create migrations/.gitkeep",
      "create policies/.gitkeep",
      "create seeds/.gitkeep",
      "create .gitignore",
      "create pgwright.yaml",
    ]);
    expect(plan.hasMigrations).toBe(false);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("names the JSON schema of an installed pgwright", async () => {
    await using folder = await withFolder({ "node_modules/pgwright/schema/config.json": "{}" });
    const schemaOf = async (directory: string) =>
      (await planInit(directory)).steps.at(-1)?.content.split("\n")[0];
    expect(await schemaOf(folder.path)).toBe(
      "# yaml-language-server: $schema=./node_modules/pgwright/schema/config.json",
    );
    expect(await schemaOf(join(folder.path, "db"))).toBe(
      "# yaml-language-server: $schema=../node_modules/pgwright/schema/config.json",
    );
  });
});

describe("in an existing project", () => {
  test("keeps what is there and adds what is missing", async () => {
    await using folder = await withFolder({
      "migrations/001_users.sql": "mine",
      "seeds/data.sql": "mine",
      ".gitignore": "node_modules/\r\n/.env",
    });
    const plan = await planInit(folder.path);
    expect(plan.hasMigrations).toBe(true);
    expect(plan.steps.map(({ action, path }) => `${action} ${path}`)).toEqual([
      "keep migrations/",
      "create policies/.gitkeep",
      "keep seeds/",
      "append .gitignore",
      "create pgwright.yaml",
    ]);
    await applyInit(plan);
    expect(await readFile(join(folder.path, "migrations/001_users.sql"), "utf8")).toBe("mine");
    expect(await readFile(join(folder.path, ".gitignore"), "utf8")).toBe(
      "node_modules/\r\n/.env\r\n.pgwright/\r\n",
    );
    expect(await listAll(join(folder.path, "migrations"))).toEqual(["001_users.sql"]);
  });

  test("leaves a .gitignore alone that says it all", async () => {
    await using folder = await withFolder({ ".gitignore": ".env\n.pgwright\n" });
    const plan = await planInit(folder.path);
    expect(plan.steps).toContainEqual({ action: "keep", path: ".gitignore", content: "" });
    await applyInit(plan);
    expect(await readFile(join(folder.path, ".gitignore"), "utf8")).toBe(".env\n.pgwright\n");
  });

  test("refuses where anything is in the way, and lists it", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "mine", migrations: "a file" });
    const error = await failure(planInit(folder.path));
    expect([error.code, error.exit]).toEqual(["file-exists", 2]);
    expect(error.message).toBe(
      `${folder.path} already has pgwright.yaml, migrations; nothing was written`,
    );
    expect(await readFile(join(folder.path, "pgwright.yaml"), "utf8")).toBe("mine");
  });

  test("never overwrites a file that appeared after planning", async () => {
    await using folder = await withFolder();
    const plan = await planInit(folder.path);
    await writeFile(join(folder.path, "pgwright.yaml"), "mine");
    const error = await failure(applyInit(plan));
    expect([error.code, error.exit]).toEqual(["file-exists", 4]);
    expect(error.details.notes).toEqual([
      "written before it: migrations/.gitkeep, policies/.gitkeep, seeds/.gitkeep, .gitignore",
    ]);
    expect(await readFile(join(folder.path, "pgwright.yaml"), "utf8")).toBe("mine");
  });

  test("says what was written before a failure, and can run again after it", async () => {
    await using folder = await withFolder();
    const plan = await planInit(folder.path);
    await writeFile(join(folder.path, "policies"), "");
    const error = await failure(applyInit(plan));
    expect([error.code, error.exit]).toEqual(["file-exists", 4]);
    expect(error.details.notes).toEqual(["written before it: migrations/.gitkeep"]);
    await rm(join(folder.path, "policies"));
    await applyInit(await planInit(folder.path));
    expect(await listAll(folder.path)).toContain("pgwright.yaml");
  });

  test.runIf(existsSync("/proc/self"))("ends where no folder can be made", async () => {
    // Node's mkdir with `recursive` goes round for ever there.
    const error = await failure(applyInit(await planInit("/proc/shop")));
    expect([error.code, error.exit]).toEqual(["file-unwritable", 4]);
    expect(error.message).toBe(
      "could not write /proc/shop: the file system of /proc takes no new folders",
    );
  });

  test("says when nothing could be written", async () => {
    await using folder = await withFolder({ file: "" });
    const error = await failure(applyInit(await planInit(join(folder.path, "file", "project"))));
    expect([error.code, error.exit]).toEqual(["file-unwritable", 4]);
    expect(error.details.notes).toEqual(["written before it: nothing"]);
  });
});

test("tells of variables that come before pgwright.yaml, and of mistakes in .env", async () => {
  await using folder = await withFolder({ ".env": "DATABASE_URL=postgres://u:hunter2@x\noops\n" });
  expect(await listSurprises(folder.path, { PGHOST: "h" })).toEqual([
    "DATABASE_URL in .env is set: it names the database before pgwright.yaml does",
    "PGHOST is set: it names the database before pgwright.yaml does",
    ".env:2:1 this line is not NAME=value; commands will refuse it",
  ]);
});
