/** What can be typed, gathered from the command tree for the completion scripts. */
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";

/** One command or group of commands. */
export interface Entry {
  /** Words after `pgwright`: "server start"; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** Its own options; those of the program are valid everywhere. */
  readonly options: readonly Option[];
  /** The words its first argument can be, where they are known. */
  readonly choices: readonly string[];
}

/** Every command, the program first. */
export function listEntries(
  command: CommandUnknownOpts,
  path: readonly string[] = [],
): readonly Entry[] {
  const children = command.createHelp().visibleCommands(command);
  const entry: Entry = {
    path: path.join(" "),
    commands: children.map((child) => ({ name: child.name(), summary: child.summary() })),
    options: command.options.filter((option) => !option.hidden),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
  return [entry, ...children.flatMap((child) => listEntries(child, [...path, child.name()]))];
}

/** The options that may follow a command, those of the program included. */
export function optionsAt(entry: Entry, entries: readonly Entry[]): readonly Option[] {
  const everywhere = entries[0]?.options ?? [];
  return entry.path === "" ? everywhere : [...entry.options, ...everywhere];
}

/** What follows an option, by kind; the flags of one name in different commands are of one kind. */
export interface ValueKinds {
  readonly choices: readonly {
    readonly flags: readonly string[];
    readonly words: readonly string[];
  }[];
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Something nobody can guess. */
  readonly free: readonly string[];
}

/** Sorts the options that take a value. */
export function sortByValue(entries: readonly Entry[]): ValueKinds {
  const choices = new Map<string, { flags: string[]; words: readonly string[] }>();
  const files = new Set<string>();
  const folders = new Set<string>();
  const free = new Set<string>();
  for (const option of entries.flatMap(({ options }) => options)) {
    if (!option.required && !option.optional) continue;
    const flags = [option.short, option.long].filter((flag) => flag !== undefined);
    if (option.argChoices) {
      choices.set(flags.join(), { flags, words: option.argChoices });
      continue;
    }
    const kind = option.flags.endsWith("<file>")
      ? files
      : option.flags.endsWith("<directory>")
        ? folders
        : free;
    for (const flag of flags) kind.add(flag);
  }
  return {
    choices: [...choices.values()],
    files: [...files],
    folders: [...folders],
    free: [...free],
  };
}

/** Every option that takes a value: the word after it is no command. */
export function valueFlags(kinds: ValueKinds): string[] {
  const withChoices = kinds.choices.flatMap(({ flags }) => flags);
  return [...withChoices, ...kinds.files, ...kinds.folders, ...kinds.free];
}
