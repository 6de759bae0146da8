/** What a command line asks for. Nothing is done here, and nothing printed. */
import type { CommandUnknownOpts, CommanderError } from "@commander-js/extra-typings";
import { PgwrightError } from "../errors.ts";
import type { CommandDefinition } from "./command.ts";
import type { GlobalOptions, OutputFormat } from "./options.ts";
import { outputFormats } from "./options.ts";
import { buildProgram, findCommand, pathOf } from "./program.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type Request =
  | {
      readonly kind: "run";
      readonly definition: CommandDefinition;
      /** The hidden alias that was typed in place of the command's name. */
      readonly alias: string | undefined;
      readonly command: CommandUnknownOpts;
      readonly globals: GlobalOptions;
    }
  | { readonly kind: "help"; readonly command: CommandUnknownOpts }
  | { readonly kind: "version" }
  /** Something is wrong with it; `command` is as far as it was understood. */
  | {
      readonly kind: "mistake";
      readonly command: CommandUnknownOpts;
      readonly error: PgwrightError;
      /** It ends where a command should follow: help says more than the error. */
      readonly isUnfinished?: boolean;
    };

/** Reads a command line without the program's own name. */
export async function parseCommandLine(
  argv: readonly string[],
  environment: Environment,
): Promise<Request> {
  let request: Request | undefined;
  const program = buildProgram(
    {
      run(definition, name, command) {
        try {
          settleSwitches(command, environment);
          const globals = globalsOf(command);
          const alias = definition.hiddenAliases?.includes(name) ? name : undefined;
          request = { kind: "run", definition, alias, command, globals };
        } catch (error) {
          if (!(error instanceof PgwrightError)) throw error;
          request = { kind: "mistake", command, error };
        }
      },
      help(words, group) {
        const path = [...pathOf(group), ...words];
        const command = findCommand(program, path);
        request = command
          ? { kind: "help", command }
          : { kind: "mistake", command: group, error: unknownCommand(program, path) };
      },
      leave(error, command) {
        request ??= explain(error, program, command);
      },
    },
    argv,
  );
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    // `leave` has seen it: commander ends parsing by an exception only.
    if (request === undefined) throw error;
  }
  if (request === undefined) throw new Error("commander called nothing");
  return request;
}

/** How a command line that may be wrong elsewhere wants its errors. */
export function readManner(
  argv: readonly string[],
  environment: Environment,
): { readonly format: OutputFormat; readonly isVerbose: boolean } {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const flag = words.findLastIndex((word) => /^--format(=|$)/.test(word));
  const asked =
    flag < 0
      ? environment["PGWRIGHT_FORMAT"]
      : (/^--format=(.*)$/.exec(words[flag] ?? "")?.[1] ?? words[flag + 1]);
  const format = words.includes("--json") ? "json" : asked;
  return {
    format: outputFormats.find((known) => known === format) ?? "text",
    isVerbose:
      words.some((word) => word === "-v" || word === "--verbose") ||
      readSwitch(environment["PGWRIGHT_VERBOSE"]) === true,
  };
}

/** Whether colour is wanted at all: it is needed before commander has read the line. */
export function isColorWanted(argv: readonly string[], environment: Environment): boolean {
  return !argv.includes("--no-color") && readSwitch(environment["PGWRIGHT_NO_COLOR"]) !== true;
}

function explain(
  error: CommanderError,
  program: CommandUnknownOpts,
  command: CommandUnknownOpts,
): Request {
  switch (error.code) {
    case "commander.helpDisplayed":
      return { kind: "help", command };
    case "commander.version":
      return { kind: "version" };
    case "commander.help": {
      const path = pathOf(command);
      const message =
        path.length === 0 ? "no command is given" : `\`${path.join(" ")}\` needs a command`;
      const names = command
        .createHelp()
        .visibleCommands(command)
        .map((child) => child.name());
      const hint =
        path.length === 0 ? "`pgwright --help` lists the commands" : `one of ${names.join(", ")}`;
      const error = new PgwrightError("usage", message, { hint });
      return { kind: "mistake", command, error, isUnfinished: true };
    }
    case "commander.unknownCommand": {
      const typed = command.args[0] ?? "";
      const path = [...pathOf(command), typed];
      const near = /\(Did you mean (?:one of )?(.+)\?\)/.exec(error.message)?.[1]?.split(", ");
      return { kind: "mistake", command, error: unknownCommand(program, path, near) };
    }
    default:
      return { kind: "mistake", command, error: wrongUse(error.message, command) };
  }
}

/** An error for a word that is no command: what may have been meant, wherever in the tree it is. */
function unknownCommand(
  program: CommandUnknownOpts,
  path: readonly string[],
  near: readonly string[] = [],
): PgwrightError {
  const known = path.findIndex((_, i) => findCommand(program, path.slice(0, i + 1)) === undefined);
  const group = path.slice(0, known);
  const typed = path[known] ?? "";
  const elsewhere = pathsEndingWith(program, typed);
  const parent = findCommand(program, group) ?? program;
  const siblings = parent.createHelp().visibleCommands(parent);
  const begun = siblings.map((one) => one.name()).filter((name) => name.startsWith(typed));
  const likely = begun.length > 0 ? begun : near;
  const found = elsewhere.length > 0 ? elsewhere : likely.map((name) => [...group, name].join(" "));
  const meant = found.map((words) => `\`pgwright ${words}\``);
  return new PgwrightError("usage", `there is no command \`${[...group, typed].join(" ")}\``, {
    hint:
      meant.length > 0
        ? `did you mean ${meant.join(" or ")}?`
        : `\`${["pgwright", ...group, "--help"].join(" ")}\` lists the commands`,
  });
}

function pathsEndingWith(command: CommandUnknownOpts, word: string): string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((child) => [
      ...(child.name() === word ? [pathOf(child).join(" ")] : []),
      ...pathsEndingWith(child, word),
    ]);
}

/** commander's sentence in our words: "error: unknown option '--stpes'\n(Did you mean --steps?)". */
function wrongUse(said: string, command: CommandUnknownOpts): PgwrightError {
  const [sentence = "", suggestion] = said.replace(/^error: /, "").split("\n");
  const near = /^\(Did you mean (?:one of )?(.+)\?\)$/.exec(suggestion ?? "")?.[1];
  const message = sentence
    .replace(/^missing required argument '(.+)'$/, "missing argument <$1>")
    .replace(/^required option '(.+)' not specified$/, "`$1` must be given")
    .replace(/^option '(.+)' argument missing$/, "`$1` needs a value")
    .replace(/^too many arguments(?: for '.+')?\. Expected (\d+).* got (\d+)\.$/, tooMany)
    .replace(/^option '(.+?)' argument '(.*)' is invalid\. (.+?)\.?$/, cannotBe)
    .replace(/^option '.+?' value '(.*)' from env '(.+?)' is invalid\. (.+?)\.?$/, variableCannotBe)
    .replace(
      /^command-argument value '(.*)' is invalid for argument '(.+?)'\. (.+?)\.?$/,
      (_, value: string, name: string, why: string) => cannotBe(_, `<${name}>`, value, why),
    )
    .replace(/^(unknown option|option) '(.+?)'/, "$1 `$2`");
  const path = ["pgwright", ...pathOf(command)].join(" ");
  const meant = near
    ?.split(", ")
    .map((name) => `\`${name}\``)
    .join(" or ");
  const other = meant ?? choiceElsewhere(said, command);
  return new PgwrightError("usage", message, {
    hint: other === undefined ? `\`${path} --help\` shows how to use it` : `did you mean ${other}?`,
  });
}

/** `--format env` is `--as env` of another command: the option that has this choice, if one has. */
function choiceElsewhere(said: string, command: CommandUnknownOpts): string | undefined {
  const [, value] =
    /^error: option '.+?' argument '(.*)' is invalid. Allowed choices/.exec(said) ?? [];
  if (value === undefined) return undefined;
  const optionsBelow = (at: CommandUnknownOpts): string[] => [
    ...at.options
      .filter(({ argChoices }) => argChoices?.includes(value))
      .map(({ long }) => `\`${["pgwright", ...pathOf(at), long, value].join(" ")}\``),
    ...at.commands.flatMap(optionsBelow),
  ];
  const found = optionsBelow(command);
  return found.length === 1 ? found[0] : undefined;
}

function tooMany(_: string, expected: string, got: string): string {
  return `too many arguments: ${got} where ${expected === "0" ? "none is" : `${expected} can be`} given`;
}

function cannotBe(_: string, name: string, value: string, why: string): string {
  return `\`${name}\` cannot be \`${value}\`: ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
}

function variableCannotBe(_: string, value: string, name: string, why: string): string {
  return cannotBe(_, name, value, why);
}

/**
 * commander turns a switch on when its variable is there, whatever it says; this reads the value.
 *
 * @throws PgwrightError `usage` for a value that is neither yes nor no.
 */
function settleSwitches(command: CommandUnknownOpts, environment: Environment): void {
  for (let at: CommandUnknownOpts | null = command; at !== null; at = at.parent) {
    for (const option of at.options) {
      const { envVar, required, optional, negate } = option;
      const name = option.attributeName();
      if (envVar === undefined || required || optional) continue;
      if (at.getOptionValueSource(name) !== "env") continue;
      const value = readSwitch(environment[envVar]);
      if (value === undefined) {
        throw new PgwrightError("usage", `${envVar} must be true or false`);
      }
      at.setOptionValueWithSource(name, value !== negate, "env");
    }
  }
}

/** Undefined for a text that is neither; nothing at all counts as no. */
function readSwitch(text = ""): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (["1", "true", "yes", "on"].includes(word)) return true;
  return ["", "0", "false", "no", "off"].includes(word) ? false : undefined;
}

function globalsOf(command: CommandUnknownOpts): GlobalOptions {
  const all = command.optsWithGlobals() as Record<string, unknown>;
  return {
    ...all,
    format: all["json"] === true ? "json" : (all["format"] ?? "text"),
    quiet: all["quiet"] === true,
    verbose: all["verbose"] === true,
    yes: all["yes"] === true,
    wait: all["wait"] ?? 0,
    color: all["color"] !== false,
  } as GlobalOptions;
}
