/** Completion scripts for bash, zsh and fish, written from the command tree. */
import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { PgwrightError } from "../errors.ts";
import { shells } from "./options.ts";

interface Entry {
  /** Words after `pgwright`: "server start"; empty for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly Option[];
}

/**
 * The completion script of a shell.
 *
 * @throws PgwrightError `usage` for a shell that has none.
 */
export function completionScript(program: CommandUnknownOpts, shell: string): string {
  const entries = collect(program, []);
  switch (shell) {
    case "bash":
      return bash(entries);
    case "zsh":
      return zsh(entries);
    case "fish":
      return fish(entries);
    default:
      throw new PgwrightError("usage", `there is no completion for \`${shell}\``, {
        hint: `one of ${shells.join(", ")}`,
      });
  }
}

function collect(command: CommandUnknownOpts, path: readonly string[]): Entry[] {
  const help = command.createHelp();
  const visible = help.visibleCommands(command).filter((child) => child.name() !== "help");
  const own = command.options.filter((option) => !option.hidden);
  const entry: Entry = {
    path: path.join(" "),
    commands: visible.map((child) => ({ name: child.name(), summary: child.summary() })),
    options: own,
  };
  return [entry, ...visible.flatMap((child) => collect(child, [...path, child.name()]))];
}

/** Long and short flags of a command and of the program. */
function flagsOf(entry: Entry, entries: readonly Entry[]): Option[] {
  const global = entries[0]?.options ?? [];
  return entry.path === "" ? [...global] : [...entry.options, ...global];
}

function bash(entries: readonly Entry[]): string {
  const cases = entries.map((entry) => {
    const words = [
      ...entry.commands.map(({ name }) => name),
      ...flagsOf(entry, entries).flatMap(({ long }) => (long ? [long] : [])),
      "--help",
    ];
    return `    "${entry.path}") words="${words.join(" ")}" ;;`;
  });
  const groups = entries.filter(({ commands }) => commands.length > 0).map(({ path }) => path);
  return `# bash completion for pgwright
_pgwright() {
  local current previous path word words
  current="\${COMP_WORDS[COMP_CWORD]}"
  previous="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  case "$previous" in
${choiceCases(entries)
  .map(
    ([flag, choices]) =>
      `    ${flag}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$current")); return ;;`,
  )
  .join("\n")}
    --config|--dir|--output) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  path=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in
      -*) continue ;;
    esac
    case "$path" in
${groups.map((path) => `      "${path}") case " ${childrenOf(path, entries).join(" ")} " in *" $word "*) path="\${path:+$path }$word" ;; esac ;;`).join("\n")}
    esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _pgwright pgwright
`;
}

function zsh(entries: readonly Entry[]): string {
  const cases = entries.map((entry) => {
    const commands = entry.commands.map(({ name, summary }) => `'${name}:${quote(summary)}'`);
    const options = flagsOf(entry, entries).flatMap(({ long, description }) =>
      long ? [`'${long}:${quote(description)}'`] : [],
    );
    return `    '${entry.path}')\n      entries=(${[...commands, ...options].join("\n        ")})\n      ;;`;
  });
  const groups = entries.filter(({ commands }) => commands.length > 0).map(({ path }) => path);
  return `#compdef pgwright
# zsh completion for pgwright
_pgwright() {
  local -a entries
  local path_words="" word
  case "\${words[CURRENT-1]}" in
${choiceCases(entries)
  .map(([flag, choices]) => `    ${flag}) compadd ${choices.join(" ")}; return ;;`)
  .join("\n")}
    --config|--dir|--output) _files; return ;;
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] && continue
    case "$path_words" in
${groups.map((path) => `      '${path}') [[ " ${childrenOf(path, entries).join(" ")} " == *" $word "* ]] && path_words="\${path_words:+$path_words }$word" ;;`).join("\n")}
    esac
  done
  case "$path_words" in
${cases.join("\n")}
  esac
  _describe 'pgwright' entries
}
_pgwright "$@"
`;
}

function fish(entries: readonly Entry[]): string {
  const lines = ["# fish completion for pgwright", "complete -c pgwright -f"];
  for (const entry of entries) {
    const words = entry.path === "" ? [] : entry.path.split(" ");
    const children = entry.commands.map(({ name }) => name);
    const here = [
      ...words.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(children.length > 0 ? [`not __fish_seen_subcommand_from ${children.join(" ")}`] : []),
    ].join("; and ");
    const condition = here === "" ? "" : ` -n '${here}'`;
    for (const { name, summary } of entry.commands) {
      lines.push(`complete -c pgwright${condition} -a ${name} -d '${quote(summary)}'`);
    }
    const optionCondition =
      words.length === 0
        ? ""
        : ` -n '${words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ")}'`;
    for (const option of entry.options) {
      if (!option.long) continue;
      const choices = option.argChoices ? ` -xa '${option.argChoices.join(" ")}'` : "";
      const needsValue = option.required && !option.argChoices ? " -r" : "";
      const short = option.short ? ` -s ${option.short.slice(1)}` : "";
      lines.push(
        `complete -c pgwright${optionCondition} -l ${option.long.slice(2)}${short}${choices}${needsValue} -d '${quote(option.description)}'`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}

function choiceCases(entries: readonly Entry[]): [string, readonly string[]][] {
  const found = new Map<string, readonly string[]>();
  for (const { options } of entries) {
    for (const { long, argChoices } of options) if (long && argChoices) found.set(long, argChoices);
  }
  return [...found];
}

function childrenOf(path: string, entries: readonly Entry[]): string[] {
  return entries.find((entry) => entry.path === path)?.commands.map(({ name }) => name) ?? [];
}

/** Single quotes and colons would end the words of all three shells. */
function quote(text: string): string {
  return text.replaceAll("'", "’").replaceAll(":", "\\:");
}
