import { execFile, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { kill } from "node:process";
import { promisify } from "node:util";
import type { Account } from "./account.ts";

/** True when a process of this id exists, ours or not. */
export function isAlive(pid: number): boolean {
  return signalProcess(pid, 0);
}

/**
 * Sends a signal; false when there is no such process.
 *
 * @throws Error EPERM for a real signal to a process of another user.
 */
export function signalProcess(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return kill(pid, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH") return false;
    if (code === "EPERM" && signal === 0) return true;
    throw error;
  }
}

/** The command line of a process, its arguments joined by spaces; undefined when it is gone. */
export async function readCommandLine(pid: number): Promise<string | undefined> {
  try {
    if (platform() === "linux") {
      return (await readFile(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ");
    }
    return (await promisify(execFile)("ps", ["-ww", "-o", "command=", "-p", String(pid)])).stdout;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // ESRCH: it died between open and read. 1: what ps says when there is no such process.
    if (code === "ENOENT" || code === "ESRCH" || code === 1) return undefined;
    throw error;
  }
}

/** How a server program is started: as whom, with which libraries. */
export interface Launch {
  readonly account: Account | undefined;
  readonly libraryPath: string;
}

/**
 * Options of a child process that runs a server program.
 *
 * The environment is made from nothing: PGPORT, PGDATA and the like of the caller must not leak in,
 * nor its secrets, which COPY … FROM PROGRAM could read. The working directory is `/` because the
 * caller's own may be closed to the server's account.
 */
export function launchOptions({ account, libraryPath }: Launch) {
  return {
    cwd: "/",
    env: {
      LC_ALL: "C",
      PATH: "/usr/local/bin:/usr/bin:/bin",
      [platform() === "darwin" ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH"]: libraryPath,
    },
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

export interface Outcome {
  /** Undefined when a signal ended it or it could not be started. */
  readonly status: number | undefined;
  /** What it wrote to both streams, in order of arrival, or why it could not be started. */
  readonly output: string;
}

/** Runs a server program to its end; the signal makes it end early, cleaning up after itself. */
export function runProgram(
  program: string,
  args: readonly string[],
  launch: Launch & { readonly input?: string; readonly signal?: AbortSignal | undefined },
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, launchOptions(launch));
    const end = () => child.kill("SIGTERM");
    launch.signal?.addEventListener("abort", end, { once: true });
    let output = "";
    const collect = (chunk: string) => void (output += chunk);
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    child.on("error", (error) =>
      resolve({ status: undefined, output: describeLaunchError(error) }),
    );
    child.on("close", (status, signal) => {
      launch.signal?.removeEventListener("abort", end);
      resolve({
        status: status ?? undefined,
        output: signal === null ? output : `${output}ended by ${signal}`,
      });
    });
    child.stdin.on("error", () => {}); // EPIPE: it ended early, and its status tells why
    child.stdin.end(launch.input);
  });
}

/** Why a program could not even be started. */
export function describeLaunchError(error: NodeJS.ErrnoException): string {
  // For a program that is there, ENOENT speaks of its loader: these are built for the GNU C library.
  return error.code === "ENOENT"
    ? `${error.path ?? "the program"} does not run here: it needs the GNU C library (musl systems such as Alpine have another)`
    : error.message;
}
