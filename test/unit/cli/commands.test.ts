/** What holds for every command: the declarations are held against the rules, one by one. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/parse.ts";
import { buildProgram, findCommand } from "../../../src/cli/program.ts";
import { globalOptions, variableOf } from "../../../src/cli/options.ts";
import { renderHelp } from "../../../src/cli/render/help.ts";
import { commands } from "../../../src/commands/index.ts";
import { pgwrightCalls } from "../../support/shell-words.ts";

const definitions = Object.values(commands).flat();
const program = buildProgram();

function commandOf(path: string): CommandUnknownOpts {
  const command = findCommand(program, path.split(" "));
  if (command === undefined) throw new Error(`no command ${path}`);
  return command;
}

function flagsOf(command: CommandUnknownOpts): string[] {
  return command.options.flatMap(({ short, long }) =>
    [short, long].filter((flag) => flag !== undefined),
  );
}

test("the list has every file of src/commands, and the path is the command", () => {
  const folder = join(import.meta.dirname, "..", "..", "..", "src", "commands");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && file !== "index.ts")
    .map((file) => file.replace(/\.ts$/, "").replaceAll(/[/\\]/g, " "));
  expect(definitions.map(({ path }) => path).sort()).toEqual(files.sort());
});

describe.each(definitions)("$path", (definition) => {
  const { path, summary, description, examples, hiddenAliases = [] } = definition;
  const command = commandOf(path);

  test("its summary is one line for a list", () => {
    expect(summary).toMatch(/^[A-Z].{9,71}$/);
    expect(summary).not.toMatch(/\.$/);
  });

  test("its texts end as texts of their kind do", () => {
    expect.soft(description ?? ".").toMatch(/[.`]$/);
    for (const { says } of examples) expect.soft(says).toMatch(/[^.]$/);
    for (const option of command.options) {
      expect.soft(option.description, option.flags).toMatch(/^[^A-Z].*[^.]$/);
    }
  });

  test("its examples are command lines of its own", async () => {
    expect(examples.length).toBeGreaterThan(0);
    const owners: (string | undefined)[] = [];
    for (const { run } of examples) {
      const calls = pgwrightCalls(run);
      expect(calls, run).not.toEqual([]);
      for (const argv of calls) {
        const request = await parseCommandLine(argv, {});
        expect.soft(request.kind, run).toBe("run");
        if (request.kind === "run") owners.push(request.definition.path);
      }
      // Another command may follow in the same line.
      expect.soft(owners, run).toContain(path);
    }
  });

  test("none of its options has the name of a global one", () => {
    const reserved = new Set([...flagsOf(program), "-h", "--help", "-V", "--version"]);
    expect(flagsOf(command).filter((flag) => reserved.has(flag))).toEqual([]);
    expect(new Set(flagsOf(command)).size).toBe(flagsOf(command).length);
  });

  test("its help fits 80 columns and shows the examples", () => {
    const help = renderHelp(command, 80);
    const isExample = (line: string) => examples.some(({ run }) => line.trim() === run);
    expect(help.split("\n").filter((line) => line.length > 80 && !isExample(line))).toEqual([]);
    for (const { run } of examples) expect.soft(help).toContain(run);
  });

  test("its hidden names lead to it and are no other command's", async () => {
    for (const alias of hiddenAliases) {
      const words = [...path.split(" ").slice(0, -1), alias];
      expect(definitions.filter((other) => other.path === words.join(" "))).toEqual([]);
      expect(definitions.filter((other) => other.hiddenAliases?.includes(alias))).toEqual([
        definition,
      ]);
      expect(commandOf(words.join(" ")).options.length).toBe(command.options.length);
      expect(renderHelp(program, 80)).not.toMatch(new RegExp(`^  ${alias} `, "m"));
    }
  });
});

describe("the program", () => {
  test.each([40, 60, 80, 200])("help fits %i columns, and never takes more than 80", (width) => {
    const wide = renderHelp(program, width)
      .split("\n")
      .filter((line) => line.length > Math.min(width, 80));
    // What is to be typed is never broken.
    expect(wide.filter((line) => !line.includes("`pgwright"))).toEqual([]);
  });

  test("every group of commands says what it is about", () => {
    const groups = program.commands.filter((command) => command.commands.length > 0);
    expect(groups.filter((group) => group.summary() === "").map((group) => group.name())).toEqual(
      [],
    );
  });

  test("every global option has a variable, but the short form of --format", () => {
    expect(
      globalOptions()
        .filter((option) => variableOf(option) === undefined)
        .map(({ long }) => long),
    ).toEqual(["--json"]);
    // Those commander reads by itself have the name the rule gives.
    const read = globalOptions().filter(({ envVar }) => envVar !== undefined);
    expect(read.map(({ envVar }) => envVar)).toEqual(read.map(variableOf));
  });
});
