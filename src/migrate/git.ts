/** The few questions to git that `--base` asks. */
import { readdir } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import type { DirectorySetting } from "./directory-at.ts";
import { directoriesAt, filesIn } from "./directory-at.ts";
import type { Environment, Git } from "./run-git.ts";
import { runGit } from "./run-git.ts";

export interface GitChange {
  readonly status: "added" | "changed" | "deleted";
  /** File name in the directory. */
  readonly name: string;
}

/** What files were compared with, as results show it. */
export interface ComparedBase {
  /** As it was typed. */
  readonly name: string;
  /** Short hash of the merge base. */
  readonly mergeBase: string;
  /** Where the merge base has the migrations, from the top of the repository; null where it has none. */
  readonly directory: string | null;
  /** What should be known where that is not where they are now; null where it is. */
  readonly note: string | null;
}

export interface GitBase {
  readonly compared: ComparedBase;
  /** Full hash of the commit the work branched off from. */
  readonly mergeBase: string;
  readonly mergeBaseFiles: readonly string[];
  /** Names of the files that the base has now, which may be more than the merge base had. */
  readonly baseFiles: readonly string[];
  /** Differences between the merge base and the files on disk. Untracked files are not in it. */
  readonly changes: readonly GitChange[];
  /** Content of a file at the merge base. */
  readonly read: (name: string) => Promise<string>;
  /** The path of a file at the merge base where the migrations lay elsewhere, from the top of the repository. */
  readonly movedFrom: (name: string) => string | undefined;
}

/**
 * Compares a directory with a base such as `origin/main`, which may have its migrations elsewhere.
 *
 * @param setting says where an older revision has them.
 * @throws PgwrightError `git-failed` where there is no git, no repository, no such commit, or no
 *   common history, each with what to do.
 */
export async function readBase(
  directory: string,
  base: string,
  environment: Environment,
  setting: DirectorySetting | undefined,
): Promise<GitBase> {
  const git = (...args: string[]) => runGit(directory, args, environment);
  if ((await git("rev-parse", "--is-inside-work-tree")).trim() !== "true") {
    throw new PgwrightError(
      "git-failed",
      `\`${directory}\` is not in the work tree of a repository`,
    );
  }
  const isShallow = (await git("rev-parse", "--is-shallow-repository")).trim() === "true";
  const tip = await git("rev-parse", "--verify", "--quiet", "--end-of-options", `${base}^{commit}`)
    .then((hash) => hash.trim())
    .catch((error: unknown) => {
      throw explainMissing(error, `git knows no commit \`${base}\``, base, isShallow);
    });
  const mergeBase = await git("merge-base", "HEAD", tip)
    .then((hash) => hash.trim())
    .catch((error: unknown) => {
      throw explainMissing(error, `HEAD and \`${base}\` have no common history`, base, isShallow);
    });
  const top = (await git("rev-parse", "--show-toplevel")).replace(/\n$/, "");
  const now = (await git("rev-parse", "--show-prefix")).replace(/\/?\n$/, "");
  const names = await readdir(directory);
  const [then, atTip] = await directoriesAt(git, [mergeBase, tip], { top, now }, names, setting);
  const list = async (commit: string, place: string | undefined) =>
    place === undefined ? new Map<string, string>() : filesIn(git, commit, place);
  const [before, atTipFiles] = await Promise.all([list(mergeBase, then), list(tip, atTip)]);
  const isMoved = then !== undefined && then !== now;
  const path = (name: string) => (then ? `${then}/${name}` : name);
  return {
    compared: {
      name: base,
      mergeBase: mergeBase.slice(0, 12),
      directory: then === undefined ? null : then || ".",
      note: noteOn(base, then, now),
    },
    mergeBase,
    mergeBaseFiles: [...before.keys()],
    baseFiles: [...atTipFiles.keys()],
    changes: isMoved
      ? await changesAcross(git, before, new Set(names))
      : parseChanges(
          await git(
            "diff",
            "--name-status",
            "--no-renames",
            "--relative",
            "-z",
            mergeBase,
            "--",
            ".",
          ),
        ),
    read: (name) => git("show", `${mergeBase}:${path(name)}`),
    movedFrom: (name) => (isMoved ? path(name) : undefined),
  };
}

function noteOn(base: string, then: string | undefined, now: string): string | null {
  if (then === now) return null;
  const here = `\`${now || "."}\``;
  return then === undefined
    ? `${base} has no migrations, neither in ${here} nor where its pgwright.yaml says: every file is taken for new`
    : `${base} has the migrations in \`${then || "."}\`, here they are in ${here}: files of the same name are compared`;
}

// Below what a command line holds on any system, with long names.
const mostHashed = 200;

/** What became of a directory's files in another one, by their contents as git would keep them. */
async function changesAcross(
  git: Git,
  before: ReadonlyMap<string, string>,
  here: ReadonlySet<string>,
): Promise<GitChange[]> {
  const changes: GitChange[] = [];
  const kept: string[] = [];
  for (const name of before.keys()) {
    if (here.has(name)) kept.push(name);
    else changes.push({ status: "deleted", name });
  }
  for (let from = 0; from < kept.length; from += mostHashed) {
    const some = kept.slice(from, from + mostHashed);
    const hashes = (await git("hash-object", "--", ...some)).split("\n");
    for (const [index, name] of some.entries()) {
      if (hashes[index] !== before.get(name)) changes.push({ status: "changed", name });
    }
  }
  return changes;
}

const statusByLetter: Record<string, GitChange["status"]> = {
  A: "added",
  D: "deleted",
  M: "changed",
  T: "changed",
};

function parseChanges(output: string): GitChange[] {
  const fields = output.split("\0");
  const changes: GitChange[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const status = statusByLetter[fields[i] ?? ""];
    const name = fields[i + 1] ?? "";
    if (status && !name.includes("/")) changes.push({ status, name });
  }
  return changes;
}

function explainMissing(
  error: unknown,
  message: string,
  base: string,
  isShallow: boolean,
): PgwrightError {
  const remoteBranch = /^([^/]+)\/(.+)$/.exec(base);
  const fetch = remoteBranch ? `git fetch ${remoteBranch[1]} ${remoteBranch[2]}` : "git fetch";
  return new PgwrightError(
    "git-failed",
    isShallow ? `${message}: this clone is shallow and lacks older commits` : message,
    {
      hint: isShallow
        ? `\`git fetch --unshallow\`, then \`${fetch}\`; with actions/checkout set \`fetch-depth: 0\``
        : `\`${fetch}\`, or name another base`,
      cause: error,
    },
  );
}
