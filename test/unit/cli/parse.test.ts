import { describe, expect, test } from "vitest";
import { isColorWanted, parseCommandLine, readManner } from "../../../src/cli/parse.ts";
import { pathOf } from "../../../src/cli/program.ts";

type Environment = Record<string, string>;

async function globals(line: string, environment: Environment = {}) {
  const request = await parseCommandLine(line.split(" "), environment);
  if (request.kind !== "run") throw new Error(request.kind);
  return request.globals;
}

/** commander reads variables of the process alone. */
async function withVariables<T>(variables: Environment, run: () => Promise<T>): Promise<T> {
  Object.assign(process.env, variables);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

async function mistake(line: string, variables: Environment = {}) {
  const argv = line === "" ? [] : line.split(" ");
  const request = await withVariables(variables, () => parseCommandLine(argv, variables));
  if (request.kind !== "mistake") throw new Error(request.kind);
  const { code, message, details } = request.error;
  expect(code).toBe("usage");
  return { message, hint: details.hint, at: pathOf(request.command).join(" ") };
}

describe("a line that cannot be understood", () => {
  test.each([
    ["migrat", "there is no command `migrat`", "did you mean `pgwright migrate`?"],
    ["db crate", "there is no command `db crate`", "did you mean `pgwright db create`?"],
    ["start", "there is no command `start`", "did you mean `pgwright server start`?"],
    ["db migrate", "there is no command `db migrate`", "did you mean `pgwright migrate`?"],
    ["frobnicate", "there is no command `frobnicate`", "`pgwright --help` lists the commands"],
    [
      "db frobnicate",
      "there is no command `db frobnicate`",
      "`pgwright db --help` lists the commands",
    ],
    ["help frobnicate", "there is no command `frobnicate`", "`pgwright --help` lists the commands"],
    [
      "help db frobnicate",
      "there is no command `db frobnicate`",
      "`pgwright db --help` lists the commands",
    ],
    ["migrate --stpes 3", "unknown option `--stpes`", "did you mean `--steps`?"],
    [
      "status --steps 3",
      "unknown option `--steps`",
      "`pgwright status --help` shows how to use it",
    ],
    [
      "migrate a b",
      "too many arguments: 2 where none is given",
      "`pgwright migrate --help` shows how to use it",
    ],
    [
      "init a b",
      "too many arguments: 2 where 1 can be given",
      "`pgwright init --help` shows how to use it",
    ],
    [
      "migrate --steps",
      "`--steps <n>` needs a value",
      "`pgwright migrate --help` shows how to use it",
    ],
    [
      "migrate --steps 0",
      "`--steps <n>` cannot be `0`: give a number from 1",
      "`pgwright migrate --help` shows how to use it",
    ],
    [
      "status --wait soon",
      "`--wait <seconds>` cannot be `soon`: give a number of seconds",
      "`pgwright --help` shows how to use it",
    ],
    [
      "status --format xml",
      "`--format <format>` cannot be `xml`: allowed choices are text, json, github, sarif",
      "`pgwright --help` shows how to use it",
    ],
    [
      "testdb create --format env",
      "`--format <format>` cannot be `env`: allowed choices are text, json, github, sarif",
      "did you mean `pgwright testdb create --as env`?",
    ],
    ["completion", "missing argument <shell>", "`pgwright completion --help` shows how to use it"],
    [
      "completion tcsh",
      "`<shell>` cannot be `tcsh`: allowed choices are bash, zsh, fish",
      "`pgwright completion --help` shows how to use it",
    ],
    [
      "repair applied 7",
      "`--reason <text>` must be given",
      "`pgwright repair applied --help` shows how to use it",
    ],
  ])("%s", async (line, message, hint) => {
    expect(await mistake(line)).toMatchObject({ message, hint });
  });

  test("says how far it was understood", async () => {
    expect((await mistake("db create --nope")).at).toBe("db create");
    expect((await mistake("db nope")).at).toBe("db");
    expect((await mistake("nope")).at).toBe("");
  });

  test.each([
    ["", "no command is given", "`pgwright --help` lists the commands"],
    ["server", "`server` needs a command", "one of start, stop, status, url"],
  ])("one that is not finished: %s", async (line, message, hint) => {
    const request = await parseCommandLine(line === "" ? [] : [line], {});
    expect(request).toMatchObject({ kind: "mistake", isUnfinished: true });
    expect(await mistake(line)).toMatchObject({ message, hint });
  });
});

describe("help and version", () => {
  test.each([
    ["--help", ""],
    ["-h", ""],
    ["help", ""],
    ["migrate --help", "migrate"],
    ["help migrate", "migrate"],
    ["db --help", "db"],
    ["db help", "db"],
    ["help db", "db"],
    ["help db create", "db create"],
    ["db help create", "db create"],
    ["db create -h", "db create"],
    ["migrate --help --json", "migrate"],
  ])("%s", async (line, path) => {
    const request = await parseCommandLine(line.split(" "), {});
    if (request.kind !== "help") throw new Error(request.kind);
    expect(pathOf(request.command).join(" ")).toBe(path);
  });

  test.each(["--version", "-V", "--version --json"])("%s", async (line) => {
    expect(await parseCommandLine(line.split(" "), {})).toEqual({ kind: "version" });
  });
});

test("hidden names of other tools", async () => {
  for (const [alias, path] of Object.entries({
    up: "migrate",
    down: "rollback",
    undo: "rollback",
    info: "status",
  })) {
    expect(await parseCommandLine([alias], {})).toMatchObject({
      kind: "run",
      alias,
      definition: { path },
    });
  }
  expect(await parseCommandLine(["generate", "x"], {})).toMatchObject({ alias: "generate" });
  expect(await parseCommandLine(["create", "x"], {})).toMatchObject({ alias: "create" });
  expect(await parseCommandLine(["migrate"], {})).toMatchObject({ alias: undefined });
});

test("global options stand before or behind the command", async () => {
  expect(await globals("--url postgres://h/d -q migrate")).toMatchObject({
    url: "postgres://h/d",
    quiet: true,
  });
  expect(await globals("migrate --url postgres://h/d -q")).toMatchObject({
    url: "postgres://h/d",
    quiet: true,
  });
  expect(await globals("migrate")).toMatchObject({
    format: "text",
    quiet: false,
    verbose: false,
    yes: false,
    wait: 0,
    color: true,
  });
  expect(await globals("migrate --json")).toMatchObject({ format: "json" });
  expect(await globals("migrate --format github --json")).toMatchObject({ format: "json" });
});

test("what follows -- is for the program that is called", async () => {
  const request = await parseCommandLine(["db", "psql", "--", "-c", "select 1", "--json"], {});
  expect(request).toMatchObject({ kind: "run", globals: { format: "text" } });
  if (request.kind !== "run") return;
  expect(request.command.processedArgs).toEqual([["-c", "select 1", "--json"]]);
});

describe("variables", () => {
  const read = (variables: Environment, line = "migrate") =>
    withVariables(variables, () => globals(line, variables));

  test.each(["1", "true", "YES", " on "])("a switch is on with `%s`", async (value) => {
    expect(await read({ PGWRIGHT_QUIET: value })).toMatchObject({ quiet: true });
    expect(await read({ PGWRIGHT_NO_COLOR: value })).toMatchObject({ color: false });
    expect(await read({ PGWRIGHT_DRY_RUN: value })).toMatchObject({ dryRun: true });
  });

  test.each(["", "0", "false", "No", "off"])("and off with `%s`", async (value) => {
    expect(await read({ PGWRIGHT_QUIET: value })).toMatchObject({ quiet: false });
    expect(await read({ PGWRIGHT_NO_COLOR: value })).toMatchObject({ color: true });
    expect(await read({ PGWRIGHT_DRY_RUN: value })).toMatchObject({ dryRun: false });
    expect(await read({ PGWRIGHT_YES: value }, "migrate --yes")).toMatchObject({ yes: true });
  });

  test("anything else is an error", async () => {
    expect(await mistake("migrate", { PGWRIGHT_YES: "maybe" })).toMatchObject({
      message: "PGWRIGHT_YES must be true or false",
    });
    expect(await mistake("migrate", { PGWRIGHT_FORMAT: "xml" })).toMatchObject({
      message: "`PGWRIGHT_FORMAT` cannot be `xml`: allowed choices are text, json, github, sarif",
    });
    expect(await mistake("migrate", { PGWRIGHT_WAIT: "" })).toMatchObject({
      message: "`PGWRIGHT_WAIT` cannot be ``: give a number of seconds",
    });
  });

  test("a flag is stronger", async () => {
    const variables = { PGWRIGHT_FORMAT: "github", PGWRIGHT_WAIT: "5", PGWRIGHT_CONFIRM: "shop" };
    expect(await read(variables)).toMatchObject({ format: "github", wait: 5, confirm: "shop" });
    expect(await read(variables, "migrate --json --wait 7 --confirm x")).toMatchObject({
      format: "json",
      wait: 7,
      confirm: "x",
    });
  });
});

describe("before anything is parsed", () => {
  test.each([
    ["--json nope", {}, "json"],
    ["nope --format json", {}, "json"],
    ["nope --format=github", {}, "github"],
    ["nope --format xml", {}, "text"],
    ["nope --format", {}, "text"],
    ["nope", { PGWRIGHT_FORMAT: "json" }, "json"],
    ["nope --format text", { PGWRIGHT_FORMAT: "json" }, "text"],
    ["db psql -- --json", {}, "text"],
  ] as const)("%s wants its errors as %o says: %s", (line, environment, format) => {
    expect(readManner(line.split(" "), environment).format).toBe(format);
  });

  test("colour", () => {
    expect(isColorWanted(["migrate"], {})).toBe(true);
    expect(isColorWanted(["migrate", "--no-color"], {})).toBe(false);
    expect(isColorWanted(["migrate"], { PGWRIGHT_NO_COLOR: "1" })).toBe(false);
    expect(isColorWanted(["migrate"], { PGWRIGHT_NO_COLOR: "0" })).toBe(true);
  });
});
