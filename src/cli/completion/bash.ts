import type { Entry } from "./tree.ts";
import { optionsAt, sortByValue, valueFlags } from "./tree.ts";

/** For bash 3.2 and later: no associative array, no mapfile. */
export function bashScript(entries: readonly Entry[]): string {
  const kinds = sortByValue(entries);
  const paths = entries.map(({ path }) => path).filter((path) => path !== "");
  return `# bash completion for pgwright
_pgwright() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local path="" skip="" word words="" options="" IFS=$' \\t\\n'
  COMPREPLY=()
  # --option=value is split at the sign
  if [ "$current" = "=" ]; then
    current=""
  elif [ "$previous" = "=" ]; then
    previous="\${COMP_WORDS[COMP_CWORD-2]}"
  fi
  case "$previous" in
${kinds.choices.map(({ flags, words }) => `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")); return ;;`).join("\n")}
    ${kinds.files.join("|")}) IFS=$'\\n'; COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${kinds.folders.join("|")}) IFS=$'\\n'; COMPREPLY=($(compgen -d -- "$current")); return ;;
    ${kinds.free.join("|")}) return ;;
  esac
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ] && [ "$word" != "=" ]; then
      skip=""
      continue
    fi
    case "$word" in
      --) return ;;
      =) ;;
      ${valueFlags(kinds).join("|")}) skip=1 ;;
      -*) ;;
      *)
        case "|${paths.join("|")}|" in
          *"|\${path:+$path }$word|"*) path="\${path:+$path }$word" ;;
        esac
        ;;
    esac
  done
  case "$path" in
${entries.map((entry) => caseOf(entry, entries)).join("\n")}
  esac
  case "$current" in
    -*) words="$options" ;;
    *) words="\${words:-$options}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _pgwright pgwright
`;
}

function caseOf(entry: Entry, entries: readonly Entry[]): string {
  const words = [...entry.commands.map(({ name }) => name), ...entry.choices];
  const flags = optionsAt(entry, entries).flatMap(({ long }) => long ?? []);
  return `    "${entry.path}") words="${words.join(" ")}" options="${[...flags, "--help"].join(" ")}" ;;`;
}
