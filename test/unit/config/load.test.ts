import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { defaultSettings } from "../../../src/config/defaults.ts";
import type { ConfigFlags } from "../../../src/config/load.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { describeOrigin } from "../../../src/config/origin.ts";
import type { Settings } from "../../../src/config/schema.ts";
import { PgwrightError } from "../../../src/errors.ts";
import { withFolder } from "../../support/folder.ts";

function load(
  workingDirectory: string,
  flags: ConfigFlags = {},
  environment: Readonly<Record<string, string>> = {},
) {
  return loadConfig({ workingDirectory, environment, flags });
}

async function failure(work: Promise<unknown>): Promise<PgwrightError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PgwrightError);
  return error as PgwrightError;
}

describe("the file", () => {
  test("is found from any folder below it", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "seeds: { directory: data }\n" });
    const below = join(folder.path, "a", "b");
    await mkdir(below, { recursive: true });
    const config = await load(below);
    expect(config.file).toBe(join(folder.path, "pgwright.yaml"));
    expect(config.directory).toBe(folder.path);
    expect(config.settings.seeds.directory).toBe(join(folder.path, "data"));
    expect(config.settings.migrations.directory).toBe(join(folder.path, "migrations"));
  });

  test("nearest to the working directory wins", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "", "inner/pgwright.yaml": "" });
    expect((await load(join(folder.path, "inner"))).directory).toBe(join(folder.path, "inner"));
  });

  test("may be missing: the working directory and the defaults hold", async () => {
    await using folder = await withFolder();
    const config = await load(folder.path);
    expect(config.file).toBeUndefined();
    expect(config.directory).toBe(folder.path);
    const at = (name: string) => ({ directory: join(folder.path, name) });
    const expected: Settings = {
      ...defaultSettings,
      migrations: { ...defaultSettings.migrations, ...at("migrations") },
      policies: { ...defaultSettings.policies, ...at("policies") },
      seeds: at("seeds"),
    };
    expect(config.settings).toEqual(expected);
    expect([...config.origins]).toEqual([]);
  });

  test("is named by --config, else PGWRIGHT_CONFIG, from the working directory", async () => {
    await using folder = await withFolder({
      "pgwright.yaml": "",
      "one/a.yaml": "",
      "two/b.yaml": "",
    });
    const variables = { PGWRIGHT_CONFIG: "two/b.yaml" };
    const config = await load(folder.path, { config: "one/a.yaml" }, variables);
    expect(config.file).toBe(join(folder.path, "one", "a.yaml"));
    expect(config.directory).toBe(join(folder.path, "one"));
    expect((await load(folder.path, {}, variables)).file).toBe(join(folder.path, "two", "b.yaml"));
  });

  test.each<[string, ConfigFlags, Record<string, string>, string]>([
    ["missing", { config: "no.yaml" }, {}, "the configuration file no.yaml does not exist"],
    ["a folder", { config: "sub" }, {}, "the configuration file sub is a folder"],
    ["an empty --config", { config: "" }, {}, "--config is empty"],
    ["an empty PGWRIGHT_CONFIG", {}, { PGWRIGHT_CONFIG: "" }, "PGWRIGHT_CONFIG is empty"],
  ])("%s is config-not-found", async (_, flags, variables, message) => {
    await using folder = await withFolder({ "sub/x": "", "pgwright.yaml": "" });
    const error = await failure(load(folder.path, flags, variables));
    expect([error.code, error.exit, error.message]).toEqual(["config-not-found", 2, message]);
  });

  test("called pgwright.yml is not passed over", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "", "inner/pgwright.yml": "" });
    const error = await failure(load(join(folder.path, "inner")));
    expect(error.code).toBe("config-not-found");
    expect(error.message).toMatch(/pgwright\.yml must be called pgwright\.yaml$/);
  });
});

describe("mistakes", () => {
  test("of both files, variables and flags are told at once", async () => {
    await using folder = await withFolder({
      "pgwright.yaml": "lock_timeout: 5\nseed: {}\n",
      ".env": "A=1\noops\nPGWRIGHT_LOCK_BUDGET=\nPGWRIGHT_CONFIG=x\n",
      "sub/x": "",
    });
    const error = await failure(
      load(
        join(folder.path, "sub"),
        { statementTimeout: "1" },
        { PGWRIGHT_DIR: " ", PGWRIGHT_LOCK_TIMEOUT: "2m" },
      ),
    );
    expect(error.code).toBe("config-invalid");
    expect(error.message).toBe("the configuration has 8 mistakes");
    expect(error.details.notes).toEqual([
      "../.env:2:1 this line is not NAME=value",
      "../pgwright.yaml:1:15 `lock_timeout` needs a unit; write 5ms or 5s",
      "../pgwright.yaml:2:1 unknown key `seed`; did you mean `seeds`?",
      "../.env:4:1 PGWRIGHT_CONFIG has no effect here: this file is found through pgwright.yaml",
      "PGWRIGHT_DIR is empty",
      "PGWRIGHT_LOCK_TIMEOUT has the unknown unit `m`; minutes are 2min",
      "../.env:3:1 PGWRIGHT_LOCK_BUDGET is empty",
      "--statement-timeout needs a unit; write 1ms or 1s",
    ]);
  });

  test("of one file name the file", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "a: 1\nb: 1\n" });
    const error = await failure(load(folder.path));
    expect(error.message).toBe("pgwright.yaml has 2 mistakes");
  });

  test("a single one is the message, with its place", async () => {
    await using folder = await withFolder({ "pgwright.yaml": "\nseed: {}\n" });
    const error = await failure(load(folder.path));
    expect(error.message).toBe("unknown key `seed`; did you mean `seeds`?");
    expect(error.details.at).toEqual({ file: "pgwright.yaml", line: 2, column: 1 });
    expect(error.details.source).toBeUndefined();
  });

  test("unresolved variables of environments are none", async () => {
    await using folder = await withFolder({
      "pgwright.yaml": 'environments: { production: { url: "${PRODUCTION_URL}" } }',
    });
    expect((await load(folder.path)).settings.environments["production"]?.url).toBe(
      "${PRODUCTION_URL}",
    );
  });
});

describe("precedence", () => {
  const files = {
    "pgwright.yaml": "migrations: { directory: from-yaml }\nlock_timeout: 4s\n",
    ".env": "PGWRIGHT_DIR=from-dotenv\nPGWRIGHT_LOCK_TIMEOUT=3s\n",
    "sub/x": "",
  };
  const { "pgwright.yaml": yaml } = files;
  const variables = { PGWRIGHT_DIR: "from-variable", PGWRIGHT_LOCK_TIMEOUT: "2s" };
  const flags = { dir: "from-flag", lockTimeout: "1s" };

  test.each<
    [
      string,
      Record<string, string>,
      ConfigFlags,
      Record<string, string>,
      { timeout: number; directory: string; origin: string },
    ]
  >([
    [
      "a flag",
      files,
      flags,
      variables,
      { timeout: 1_000, directory: "sub/from-flag", origin: "--lock-timeout" },
    ],
    [
      "a variable",
      files,
      {},
      variables,
      { timeout: 2_000, directory: "sub/from-variable", origin: "PGWRIGHT_LOCK_TIMEOUT" },
    ],
    [
      ".env",
      files,
      {},
      {},
      { timeout: 3_000, directory: "from-dotenv", origin: "PGWRIGHT_LOCK_TIMEOUT in ../.env:2" },
    ],
    [
      "pgwright.yaml",
      { "pgwright.yaml": yaml, "sub/x": "" },
      {},
      {},
      { timeout: 4_000, directory: "from-yaml", origin: "../pgwright.yaml:2" },
    ],
    [
      "the default",
      { "pgwright.yaml": "", "sub/x": "" },
      {},
      {},
      { timeout: 1_000, directory: "migrations", origin: "default" },
    ],
  ])("%s", async (_, present, given, environment, expected) => {
    await using folder = await withFolder(present);
    const config = await load(join(folder.path, "sub"), given, environment);
    expect(config.settings.lock_timeout).toBe(expected.timeout);
    expect(config.settings.migrations.directory).toBe(resolve(folder.path, expected.directory));
    const origin = config.origins.get("lock_timeout") ?? { kind: "default" as const };
    expect(describeOrigin(origin)).toBe(expected.origin);
  });

  test("the environment's name", async () => {
    await using folder = await withFolder({
      "pgwright.yaml": "default_environment: a\nenvironments: { a: { database: embedded } }",
      ".env": "PGWRIGHT_ENV=b",
    });
    expect((await load(folder.path, { env: "d" }, { PGWRIGHT_ENV: "c" })).environmentName).toBe(
      "d",
    );
    expect((await load(folder.path, {}, { PGWRIGHT_ENV: "c" })).environmentName).toBe("c");
    expect((await load(folder.path)).environmentName).toBe("b");
    await using other = await withFolder({
      "pgwright.yaml": "default_environment: a\nenvironments: { a: { database: embedded } }",
    });
    const config = await load(other.path);
    expect(config.environmentName).toBe("a");
    expect(config.environmentOrigin).toMatchObject({ kind: "file", at: { line: 1, column: 1 } });
  });

  test(".env never replaces a variable, not even an empty one", async () => {
    await using folder = await withFolder({ ".env": "A=dotenv\nB=dotenv\nC=dotenv\n" });
    const { variables: merged } = await load(folder.path, {}, { A: "real", B: "" });
    expect(merged).toMatchObject({ A: "real", B: "", C: "dotenv" });
  });

  test(".env belongs to the project, not to the folder one stands in", async () => {
    await using folder = await withFolder({
      "pgwright.yaml": "",
      ".env": "A=project",
      "sub/.env": "A=sub",
    });
    expect((await load(join(folder.path, "sub"))).variables["A"]).toBe("project");
  });
});
