/** The few questions to git that `validate --base` asks. */
import { promisify } from "node:util";
import { PgwrightError } from "../errors.ts";

/** Variables of the caller; git must find its repository by the directory alone. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitChange {
  readonly status: "added" | "changed" | "deleted";
  /** File name in the directory. */
  readonly name: string;
}

export interface GitBase {
  /** Full hash of the commit the work branched off from. */
  readonly mergeBase: string;
  readonly mergeBaseFiles: readonly string[];
  /** Names of the files that the base has now, which may be more than the merge base had. */
  readonly baseFiles: readonly string[];
  /** Differences between the merge base and the files on disk. Untracked files are not in it. */
  readonly changes: readonly GitChange[];
  /** Content of a file at the merge base. */
  readonly read: (name: string) => Promise<string>;
}

/**
 * Compares a directory with a base such as `origin/main`.
 *
 * @throws PgwrightError `git-failed` where there is no git, no repository, no such commit, or no
 *   common history, each with what to do.
 */
export async function readBase(
  directory: string,
  base: string,
  environment: Environment,
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
  const list = async (commit: string) =>
    (await git("ls-tree", "-z", "--name-only", commit)).split("\0").filter(Boolean);
  const [mergeBaseFiles, baseFiles, differences] = await Promise.all([
    list(mergeBase),
    list(tip),
    git("diff", "--name-status", "--no-renames", "--relative", "-z", mergeBase, "--", "."),
  ]);
  return {
    mergeBase,
    mergeBaseFiles,
    baseFiles,
    changes: parseChanges(differences),
    read: (name) => git("show", `${mergeBase}:./${name}`),
  };
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

async function runGit(
  directory: string,
  args: readonly string[],
  environment: Environment,
): Promise<string> {
  // In a hook git sets GIT_DIR and others, relative to a directory that is not this one.
  const env = Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^GIT_(?!SSH|CONFIG|CEILING)/.test(name)),
  );
  // 7 ms, which linting and validating without a base need not wait for.
  const { execFile } = await import("node:child_process");
  try {
    const { stdout } = await promisify(execFile)("git", args, {
      cwd: directory,
      env: { ...env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
      maxBuffer: 256 * 1024 * 1024,
      encoding: "utf8",
    });
    return stdout;
  } catch (error) {
    throw explain(error, args);
  }
}

function explain(error: unknown, args: readonly string[]): PgwrightError {
  const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
  if (code === "ENOENT") {
    return new PgwrightError("git-failed", "git is not installed", {
      hint: "install git, or leave out --base",
      cause: error,
    });
  }
  const said = stderr.trim().replace(/^(?:fatal|error): /, "");
  if (/not a git repository/.test(said)) {
    return new PgwrightError("git-failed", "the migrations directory is in no git repository", {
      hint: "leave out --base, or run it in a clone",
      cause: error,
    });
  }
  if (/dubious ownership/.test(said)) {
    return new PgwrightError("git-failed", "git does not trust this repository's owner", {
      hint: said
        .split("\n")
        .find((line) => line.includes("safe.directory"))
        ?.trim(),
      cause: error,
    });
  }
  return new PgwrightError(
    "git-failed",
    `\`git ${args[0]}\` failed: ${said.split("\n")[0] || `exit status ${String(code)}`}`,
    { cause: error },
  );
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
