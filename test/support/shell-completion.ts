/** Asks real shells what they would complete. */
import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export function isInstalled(shell: Shell): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

/** The words a shell offers for the last one of a line, after it has read the script. */
export async function complete(
  shell: Shell,
  script: string,
  line: string,
  cwd: string,
): Promise<string[]> {
  const file = join(cwd, `completion.${shell}`);
  await writeFile(file, script);
  const { stdout } = await ask[shell](file, line, cwd);
  const words = stdout.split("\n").map((word) => word.split("\t")[0]?.trim() ?? "");
  return [...new Set(words.filter((word) => word !== ""))].sort();
}

const ask = {
  // As bash itself splits a line: at blanks, and around `=`.
  bash(file: string, line: string, cwd: string) {
    const words = line.split(" ").flatMap((word) => word.split(/(=)/));
    const text = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pgwright; printf '%s\n' "\${COMPREPLY[@]}"`;
    return execute("bash", ["--norc", "-c", text, "bash", file, ...words], { cwd });
  },
  fish(file: string, line: string, cwd: string) {
    const text = "source $argv[1]; complete -C $argv[2]";
    return execute("fish", ["--no-config", "-c", text, file, line], { cwd, env: quiet(cwd) });
  },
  // Completion works in an interactive shell only, so one is run in a pseudo-terminal; what its
  // `compadd` is given as matches goes to a file.
  zsh(file: string, line: string, cwd: string) {
    const inner = `
PROMPT=; unsetopt zle_bracketed_paste
autoload -U compinit; compinit -u -D
source ${quote(file)}
bindkey '^I' complete-word
zstyle ':completion:*' insert-tab false
compadd() {
  local -a found
  if [[ " $* " != *" -"[OAD]" "* ]]; then
    builtin compadd -A found "$@"; print -rl -- $found >> $OUT
  fi
  builtin compadd "$@"
}
finish() { print DONE >> $OUT }
comppostfuncs=(finish)
: > $OUT
print ready`;
    const text = `
zmodload zsh/zpty
export OUT=$PWD/matches INNER=$PWD/inner.zsh
print -r -- ${quote(inner)} > $INNER
zpty shell zsh -f -i
zpty -w shell "source \${(q)INNER}"
for i in {1..200}; do [[ -e $OUT ]] && break; sleep 0.05; done
zpty -w -n shell ${quote(line)}$'\\t'
for i in {1..200}; do grep -q DONE $OUT && break; sleep 0.05; done
grep -v DONE $OUT
zpty -d shell
rm -f $OUT
true`;
    return execute("zsh", ["-f", "-c", text], { cwd, env: quiet(cwd) });
  },
};

/** No start-up files and no history of whoever runs the tests. */
function quiet(home: string): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], HOME: home, TERM: "xterm", XDG_CONFIG_HOME: home };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
