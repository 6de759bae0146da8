import type { Option } from "@commander-js/extra-typings";
import type { Entry } from "./tree.ts";
import { sortByValue, valueFlags } from "./tree.ts";

/** A function finds the command that was typed so far; every line asks it whether it applies. */
export function fishScript(entries: readonly Entry[]): string {
  const kinds = sortByValue(entries);
  const paths = entries.map(({ path }) => path).filter((path) => path !== "");
  const lines = [
    `# fish completion for pgwright
function __pgwright_at
  set -l at ''
  set -l skip 0
  set -l typed (commandline -opc)
  for word in $typed[2..-1]
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${valueFlags(kinds).join(" ")}
        set skip 1
      case '-*'
      case '*'
        set -l next (string trim -- "$at $word")
        if contains -- $next ${paths.map(quoted).join(" ")}
          set at $next
        end
    end
  end
  test "$at" = "$argv[1]"
end`,
    "complete -c pgwright -f",
  ];
  for (const entry of entries) {
    const here = `-n "__pgwright_at '${entry.path}'"`;
    for (const { name, summary } of entry.commands) {
      lines.push(`complete -c pgwright ${here} -a ${name} -d ${quoted(summary)}`);
    }
    for (const choice of entry.choices) lines.push(`complete -c pgwright ${here} -a ${choice}`);
    const where = entry.path === "" ? "" : ` ${here}`;
    for (const option of entry.options) lines.push(`complete -c pgwright${where} ${parts(option)}`);
  }
  lines.push("complete -c pgwright -l help -s h -d 'show help'");
  return `${lines.join("\n")}\n`;
}

function parts(option: Option): string {
  const { long, short, argChoices, description, required, optional, flags } = option;
  const words = [
    ...(long === undefined ? [] : ["-l", long.slice(2)]),
    ...(short === undefined ? [] : ["-s", short.slice(1)]),
  ];
  if (argChoices) words.push("-x", "-a", quoted(argChoices.join(" ")));
  else if (flags.endsWith("<directory>")) words.push("-x", "-a", "'(__fish_complete_directories)'");
  else if (flags.endsWith("<file>")) words.push("-r", "-F");
  else if (required || optional) words.push("-x");
  return [...words, "-d", quoted(description)].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
