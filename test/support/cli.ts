import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** The built command line; another build of it with PGWRIGHT_TEST_BIN. */
export const launcher =
  process.env["PGWRIGHT_TEST_BIN"] ?? join(import.meta.dirname, "..", "..", "bin", "pgwright.cjs");

export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly output: { stdout: string; stderr: string };
  readonly done: Promise<Outcome>;
}

export interface CommandOptions {
  /** Where the user stands. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another build than the tested one. */
  readonly launcher?: string;
}

/** Variables of the caller that say which database to use would reach the command otherwise. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(PG|DATABASE_URL|FORCE_COLOR)/.test(name)),
  );
}

/** Starts `pgwright` as a user would, without a terminal. */
export function startCommand(args: readonly string[], options: CommandOptions): Running {
  const child = spawn(process.execPath, [options.launcher ?? launcher, ...args], {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, ...output }));
  });
  return { child, output, done };
}

/** Runs `pgwright` to its end. */
export async function runCommand(
  args: readonly string[],
  options: CommandOptions,
): Promise<Outcome> {
  return startCommand(args, options).done;
}
