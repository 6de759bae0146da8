/** The command tree, from the explicit list. commander only parses: it prints nothing itself. */
import { Command } from "@commander-js/extra-typings";
import type { CommandUnknownOpts, CommanderError } from "@commander-js/extra-typings";
import { commands, groups } from "../commands/index.ts";
import type { CommandDefinition } from "./command.ts";
import { globalOptions } from "./options.ts";

/** Where parsing can end. */
export interface Outcomes {
  /** A complete command line; `name` is the last word as it was typed. */
  run(definition: CommandDefinition, name: string, command: CommandUnknownOpts): void;
  /** `help` with the words after it, in a group or at the top. */
  help(words: readonly string[], group: CommandUnknownOpts): void;
  /** commander's way out for everything else: a mistake, `--help`, `--version`. */
  leave(error: CommanderError, command: CommandUnknownOpts): void;
}

const nothing: Outcomes = { run() {}, help() {}, leave() {} };

/**
 * The whole tree; of commands that none of `words` names only what a list of commands shows, as
 * declaring the options of all takes ten times as long as those of one.
 */
export function buildProgram(
  outcomes: Outcomes = nothing,
  words?: readonly string[],
): CommandUnknownOpts {
  const program = new Command("pgwright")
    .description("Schema-first migrations and database tooling for PostgreSQL")
    .version("", "-V, --version", "print the version")
    .configureOutput({ writeOut() {}, writeErr() {} }) as CommandUnknownOpts;
  finish(program, outcomes);
  for (const option of globalOptions()) program.addOption(option);
  for (const group of groups) {
    for (const definition of commands[group]) {
      addCommand(program, group, definition, outcomes, words);
    }
  }
  addHelp(program, outcomes);
  return program;
}

/** The words after `pgwright` that lead to a command. */
export function pathOf(command: CommandUnknownOpts): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

/** The command that words lead to, hidden ones included. */
export function findCommand(
  program: CommandUnknownOpts,
  words: readonly string[],
): CommandUnknownOpts | undefined {
  let found: CommandUnknownOpts | undefined = program;
  for (const word of words) {
    found = found?.commands.find((command) => command.name() === word);
  }
  return found;
}

/** The declaration behind a command of the tree; undefined for a group. */
export function definitionOf(command: CommandUnknownOpts): CommandDefinition | undefined {
  return definitions.get(command);
}

const definitions = new WeakMap<CommandUnknownOpts, CommandDefinition>();

function addCommand(
  program: CommandUnknownOpts,
  group: string,
  definition: CommandDefinition,
  outcomes: Outcomes,
  named: readonly string[] | undefined,
): void {
  const words = definition.path.split(" ");
  const name = words.pop() ?? "";
  let parent = program;
  for (const word of words) parent = findOrAddGroup(parent, word, group, outcomes);
  for (const alias of [name, ...(definition.hiddenAliases ?? [])]) {
    const isNamed = named?.includes(alias) ?? true;
    const command = isNamed ? definition.configure(new Command(alias)) : new Command(alias);
    command
      .summary(definition.summary)
      .helpGroup(`${group}:`)
      .copyInheritedSettings(parent)
      .action(() => outcomes.run(definition, alias, command));
    finish(command, outcomes);
    refuseOpposites(command);
    definitions.set(command, definition);
    parent.addCommand(command, { hidden: alias !== name });
  }
}

/** `--online --no-online`: of commander's own conflicts, an option and its opposite are none; the last would win. */
function refuseOpposites(command: CommandUnknownOpts): void {
  for (const no of command.options.filter(({ negate }) => negate)) {
    const yes = command.options.find(({ long }) => long === no.long?.replace(/^--no-/, "--"));
    if (!yes) continue;
    const typed = new Set<string>();
    for (const one of [yes, no]) {
      command.on(`option:${one.name()}`, () => {
        typed.add(one.name());
        if (typed.size < 2) return;
        const message = `error: option '${yes.long}' cannot be used with option '${no.long}'`;
        command.error(message, { code: "commander.conflictingOption" });
      });
    }
  }
}

function findOrAddGroup(
  parent: CommandUnknownOpts,
  word: string,
  group: string,
  outcomes: Outcomes,
): CommandUnknownOpts {
  const existing = parent.commands.find((command) => command.name() === word);
  if (existing) return existing;
  const created = new Command(word) as CommandUnknownOpts;
  created
    .helpGroup(`${group}:`)
    .summary(groupSummaries[word] ?? "")
    .copyInheritedSettings(parent);
  finish(created, outcomes);
  addHelp(created, outcomes);
  parent.addCommand(created);
  return created;
}

/** `pgwright help db create` and `pgwright db help create`. */
function addHelp(group: CommandUnknownOpts, outcomes: Outcomes): void {
  const help = new Command("help").argument("[command...]").summary("Show help");
  help.copyInheritedSettings(group).action((words) => outcomes.help(words, group));
  finish(help, outcomes);
  group.addCommand(help, { hidden: true });
}

/** What copyInheritedSettings does not copy, or copies for the parent. */
function finish(command: CommandUnknownOpts, outcomes: Outcomes): void {
  command
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .exitOverride((error) => {
      outcomes.leave(error, command);
      throw error;
    });
}

const groupSummaries: Record<string, string> = {
  docs: "The schema, written down for people",
  audit: "What changed in audited tables, and its undoing",
  server: "The embedded PostgreSQL server",
  db: "The configured database",
  config: "The configuration",
  policies: "Roles, rights, row level security, audit and partitions as declared",
  partitions: "Partitioned tables and their upkeep",
  matviews: "Materialized views: how fresh they are, and their refresh",
  repair: "Correct the ledger by hand, with a reason",
  indexes: "Indexes: what is wrong with them, and their repair",
  testdb: "Databases for tests: made in milliseconds, leased, dropped",
  anonymize: "Copies of the database without the people in it",
};
