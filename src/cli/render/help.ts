/** Help for people and for programs. */
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Example } from "../command.ts";
import { globalOptions } from "../options.ts";
import { definitionOf, pathOf } from "../program.ts";
import { padTo, wrapProse, wrapText } from "./text.ts";

// Long lines are hard to read, whatever the terminal offers.
const widest = 80;

type Item = readonly [term: string, meaning: string];

/** Help of the program, of a group of commands, or of one command. */
export function renderHelp(command: CommandUnknownOpts, terminalWidth: number): string {
  const width = Math.min(terminalWidth, widest);
  const parts = isProgram(command)
    ? programHelp(command, width)
    : isBareGroup(command)
      ? groupHelp(command, width)
      : commandHelp(command, width);
  return parts.filter((part) => part !== "").join("\n\n");
}

function programHelp(program: CommandUnknownOpts, width: number): string[] {
  const named = (child: CommandUnknownOpts): Item => [
    child.name(),
    [child.summary(), ...childNames(child)].join(": "),
  ];
  const commandLists = sections(visible(program), (child) => child.helpGroup(), named, width);
  const optionLists = sections(
    globalOptions(),
    (option) => option.helpGroupHeading ?? "",
    optionItem,
    width,
  );
  return [
    wrapText(program.description(), width).join("\n"),
    "Usage: pgwright <command> [options]",
    ...commandLists,
    ...optionLists,
    wrapText(
      "Each of these options can be given as a variable: --lock-timeout as PGWRIGHT_LOCK_TIMEOUT. DATABASE_URL and libpq's PG* variables name a database, too. NO_COLOR and FORCE_COLOR are obeyed.",
      width,
    ).join("\n"),
    list(
      "Exit status:",
      [
        ["0", "done, or the answer is yes"],
        ["1", "the answer is no"],
        ["2", "usage or configuration; nothing was attempted"],
        ["3", "no connection or no lock; nothing was committed, safe to retry"],
        ["4", "failed or refused; the message says what was and was not done"],
        ["130", "interrupted (143 by SIGTERM)"],
      ],
      width,
    ),
    more("pgwright", width),
  ];
}

/** A name that only holds commands; `slow-queries` is one itself and has another below it. */
function isBareGroup(command: CommandUnknownOpts): boolean {
  return command.commands.length > 0 && definitionOf(command) === undefined;
}

function groupHelp(group: CommandUnknownOpts, width: number): string[] {
  const path = `pgwright ${pathOf(group).join(" ")}`;
  return [
    `${group.summary()}.`,
    `Usage: ${path} <command> [options]`,
    list(
      "Commands:",
      visible(group).map((child) => [child.name(), child.summary()]),
      width,
    ),
    more(path, width),
  ];
}

function more(path: string, width: number): string {
  return wrapProse(
    `\`${path} <command> --help\` shows the options and examples of a command.`,
    width,
    0,
  );
}

function commandHelp(command: CommandUnknownOpts, width: number): string[] {
  const definition = definitionOf(command);
  const described = command.registeredArguments.filter(({ description }) => description !== "");
  return [
    wrapText(`${command.summary()}.`, width).join("\n"),
    definition?.description ? wrapText(definition.description, width).join("\n") : "",
    `Usage: ${usageOf(command)}`,
    list(
      "Arguments:",
      described.map((argument) => [argument.name(), argument.description]),
      width,
    ),
    list(
      "Commands below it:",
      visible(command).map((child) => [child.name(), child.summary()]),
      width,
    ),
    list("Options:", command.options.filter(({ hidden }) => !hidden).map(optionItem), width),
    exampleList(definition?.examples ?? [], width),
    wrapProse(
      "`pgwright --help` lists the options that every command has (--url, --env, --json, …).",
      width,
      0,
    ),
  ];
}

/** `pgwright new <description> [options]` */
function usageOf(command: CommandUnknownOpts): string {
  const words = command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
  return ["pgwright", ...pathOf(command), ...words, "[options]"].join(" ");
}

/** Help as data, for `--help --json`. */
export function helpToJson(command: CommandUnknownOpts): object {
  const definition = definitionOf(command);
  const options = isProgram(command) ? globalOptions() : command.options;
  const examples = definition?.examples ?? [];
  const isGroup = isBareGroup(command);
  return {
    usage: isProgram(command)
      ? "pgwright <command> [options]"
      : isGroup
        ? `pgwright ${pathOf(command).join(" ")} <command> [options]`
        : usageOf(command),
    summary: command.summary() || command.description(),
    ...(definition?.description ? { description: definition.description } : {}),
    ...(isGroup
      ? {
          commands: visible(command).map((child) => ({
            name: child.name(),
            summary: child.summary(),
          })),
        }
      : {
          arguments: command.registeredArguments.map((argument) => ({
            name: argument.name(),
            isRequired: argument.required,
            description: argument.description,
          })),
        }),
    options: options.filter(({ hidden }) => !hidden).map(optionToJson),
    ...(isGroup ? {} : { examples }),
  };
}

function optionToJson(option: Option): object {
  const { flags, description, argChoices, defaultValue, mandatory } = option;
  return {
    flags,
    description,
    isRequired: mandatory,
    ...(argChoices ? { choices: argChoices } : {}),
    ...(defaultValue === undefined ? {} : { default: defaultValue }),
  };
}

function isProgram(command: CommandUnknownOpts): boolean {
  return command.parent === null;
}

function visible(command: CommandUnknownOpts): readonly CommandUnknownOpts[] {
  return command.createHelp().visibleCommands(command);
}

function childNames(group: CommandUnknownOpts): string[] {
  const names = visible(group).map((child) => child.name());
  return names.length === 0 ? [] : [names.join(", ")];
}

function optionItem(option: Option): Item {
  const { flags, description, argChoices, defaultValue, long, mandatory } = option;
  // Where only some have a short form, the long ones stand in one column all the same.
  const term = option.short ? flags : flags.replace(long ?? "", `    ${long}`);
  const extra = [
    ...(argChoices && !description.includes(argChoices[0] ?? "") ? [argChoices.join(", ")] : []),
    ...(mandatory ? ["required"] : []),
    ...(defaultValue === undefined || defaultValue === false || option.negate
      ? []
      : [`default ${String(defaultValue)}`]),
  ];
  return [term, extra.length === 0 ? description : `${description} (${extra.join("; ")})`];
}

/** Lists under their headings, with the terms of all of them in one column. */
function sections<T>(
  members: readonly T[],
  headingOf: (member: T) => string,
  item: (member: T) => Item,
  width: number,
): string[] {
  const groups = new Map<string, Item[]>();
  for (const member of members) {
    const heading = headingOf(member);
    groups.set(heading, [...(groups.get(heading) ?? []), item(member)]);
  }
  const column = Math.max(0, ...[...groups.values()].flat().map(([term]) => term.length));
  return [...groups].map(([heading, items]) => list(heading, items, width, column));
}

/** `  term  meaning`, the meanings wrapped in their column; below the term where it is too narrow. */
function list(
  heading: string,
  items: readonly Item[],
  width: number,
  column = Math.max(0, ...items.map(([term]) => term.length)),
): string {
  if (items.length === 0) return "";
  const room = width - column - 4;
  const lines = items.flatMap(([term, meaning]) => {
    if (room < 24)
      return [`  ${term}`, ...wrapText(meaning, width - 10).map((line) => `          ${line}`)];
    const [first = "", ...rest] = wrapText(meaning, room);
    return [
      `  ${padTo(term, column)}  ${first}`.trimEnd(),
      ...rest.map((line) => " ".repeat(column + 4) + line),
    ];
  });
  return [heading, ...lines].join("\n");
}

/** Side by side where all of them fit, else each below what it does. */
function exampleList(examples: readonly Example[], width: number): string {
  if (examples.length === 0) return "";
  const column = Math.max(...examples.map(({ run }) => run.length));
  const fits = examples.every(({ says }) => column + says.length + 6 <= width);
  const shown = examples.map(({ run, says }) =>
    fits ? `  ${run.padEnd(column)}  # ${says}` : `  # ${says}\n  ${run}`,
  );
  return `Examples:\n${shown.join(fits ? "\n" : "\n\n")}`;
}
