/** Runs git, and says what is wrong where it does not do what is asked. */
import { promisify } from "node:util";
import { PgwrightError } from "../errors.ts";

/** Variables of the caller; git must find its repository by the directory alone. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One command in one directory; what it printed. */
export type Git = (...args: string[]) => Promise<string>;

/** @throws PgwrightError `git-failed`. */
export async function runGit(
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
