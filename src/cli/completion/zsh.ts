import type { Entry } from "./tree.ts";
import { optionsAt, sortByValue, valueFlags } from "./tree.ts";

/** Works as a file `_pgwright` in $fpath and with `source <(pgwright completion zsh)`. */
export function zshScript(entries: readonly Entry[]): string {
  const kinds = sortByValue(entries);
  const paths = entries.map(({ path }) => path).filter((path) => path !== "");
  return `#compdef pgwright
# zsh completion for pgwright
_pgwright() {
  local -a commands options
  local at="" skip="" word
  case "\${words[CURRENT-1]}" in
${kinds.choices.map(({ flags, words }) => `    ${flags.join("|")}) compadd -- ${words.join(" ")}; return ;;`).join("\n")}
    ${kinds.files.join("|")}) _files; return ;;
    ${kinds.folders.join("|")}) _files -/; return ;;
    ${kinds.free.join("|")}) return 1 ;;
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n "$skip" ]]; then
      skip=""
      continue
    fi
    case "$word" in
      --) return 1 ;;
      ${valueFlags(kinds).join("|")}) skip=1 ;;
      -*) ;;
      *)
        case "|${paths.join("|")}|" in
          *"|\${at:+$at }$word|"*) at="\${at:+$at }$word" ;;
        esac
        ;;
    esac
  done
  case "$at" in
${entries.map((entry) => caseOf(entry, entries)).join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* || \${#commands} -eq 0 ]]; then
    _describe -o 'option' options
  else
    _describe 'command' commands
  fi
}
if [[ "\${funcstack[1]}" == _pgwright ]]; then
  _pgwright "$@"
else
  compdef _pgwright pgwright
fi
`;
}

function caseOf(entry: Entry, entries: readonly Entry[]): string {
  const commands = [
    ...entry.commands.map(({ name, summary }) => described(name, summary)),
    ...entry.choices.map((choice) => `'${choice}'`),
  ];
  const options = [
    ...optionsAt(entry, entries).flatMap(({ long, description }) =>
      long === undefined ? [] : [described(long, description)],
    ),
    described("--help", "show help"),
  ];
  const list = (words: readonly string[]) => words.map((word) => `\n        ${word}`).join("");
  return `    '${entry.path}')
      commands=(${list(commands)}
      )
      options=(${list(options)}
      )
      ;;`;
}

/** `'name:what it does'`; a colon would end the name, a quote the word. */
function described(name: string, text: string): string {
  const safe = text.replaceAll("\\", "\\\\").replaceAll(":", "\\:").replaceAll("'", "'\\''");
  return `'${name.replaceAll(":", "\\:")}:${safe}'`;
}
