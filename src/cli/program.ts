import { Command } from "@commander-js/extra-typings";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { commands, groups } from "../commands/index.ts";
import type { CommandDefinition } from "./command.ts";
import { globalOptions } from "./options.ts";

/** Called when the user typed a complete command line. */
export type Action = (
  definition: CommandDefinition,
  typedName: string,
  command: CommandUnknownOpts,
) => Promise<void>;

const topics = `
Exit codes:
  0  done, or the answer is clean        1  the answer is "no"
  2  usage or configuration              3  no connection or no lock, nothing committed
  4  failed or refused                   130 interrupted

Run \`pgwright help <command>\` or \`pgwright <command> --help\` for options and examples.`;

/** The command tree, from the explicit list. `output` receives help and usage errors. */
export function buildProgram(
  action: Action,
  output: { out(text: string): void; err(text: string): void },
): CommandUnknownOpts {
  const program = new Command("pgwright")
    .description("Schema-first migrations and database tooling for PostgreSQL")
    .version("", "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: (text) => output.err(text) })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", topics) as CommandUnknownOpts;
  for (const option of globalOptions()) program.addOption(option);
  for (const group of groups) {
    for (const definition of commands[group]) {
      addCommand(program, group, definition, action);
    }
  }
  return program;
}

function addCommand(
  program: CommandUnknownOpts,
  group: string,
  definition: CommandDefinition,
  action: Action,
): void {
  const words = definition.path.split(" ");
  const name = words.pop() ?? "";
  let parent = program;
  for (const word of words) parent = subgroup(parent, word, group);
  attach(parent, name, group, false, definition, action);
  for (const alias of definition.hiddenAliases ?? []) {
    attach(parent, alias, group, true, definition, action);
  }
}

function attach(
  parent: CommandUnknownOpts,
  name: string,
  group: string,
  isHidden: boolean,
  definition: CommandDefinition,
  action: Action,
): void {
  const command = definition.configure(new Command(name));
  command
    .summary(definition.summary)
    .description(
      definition.description
        ? `${definition.summary}.\n\n${definition.description}`
        : `${definition.summary}.`,
    )
    .helpGroup(`${group}:`)
    .helpOption("-h, --help", "show help")
    .addHelpText("after", exampleHelp(definition))
    .copyInheritedSettings(parent)
    .action(async () => action(definition, name, command));
  parent.addCommand(command, { hidden: isHidden });
}

function subgroup(parent: CommandUnknownOpts, word: string, group: string): CommandUnknownOpts {
  const existing = parent.commands.find((command) => command.name() === word);
  if (existing) return existing;
  const created = new Command(word)
    .helpGroup(`${group}:`)
    .summary(groupSummaries[word] ?? "")
    .description(groupSummaries[word] ?? "") as CommandUnknownOpts;
  created.copyInheritedSettings(parent).helpOption("-h, --help", "show help");
  parent.addCommand(created);
  return created;
}

const groupSummaries: Record<string, string> = {
  server: "The embedded PostgreSQL server",
  db: "The configured database",
  config: "The configuration",
  repair: "Correct the ledger by hand, with a reason",
};

function exampleHelp(definition: CommandDefinition): string {
  const longest = Math.max(...definition.examples.map((example) => example.run.length));
  const lines = definition.examples.map(
    (example) => `  ${example.run.padEnd(longest)}  ${example.says}`,
  );
  return `\nExamples:\n${lines.join("\n")}\n\nGlobal options: see \`pgwright --help\`.`;
}
