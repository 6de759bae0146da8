import { spawn } from "node:child_process";
import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  describeLaunchError,
  isAlive,
  type Launch,
  launchOptions,
  readCommandLine,
  signalProcess,
} from "./process.ts";

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  /** The data directory under the name it was started with. */
  readonly dataDirectory: string;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly port: number;
  /** "starting", "ready", "standby" or "stopping"; empty at the very beginning. */
  readonly status: string;
}

/** Reads `postmaster.pid`, which also a dead server may have left. Undefined when there is none. */
export async function readPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // Lines: pid, data directory, start time, port, socket directory, address, shared memory, status.
  const lines = text.split("\n").map((line) => line.trim());
  return {
    pid: Math.abs(Number(lines[0])), // negative while in single-user mode
    dataDirectory: lines[1] ?? "",
    startedAt: Number(lines[2]),
    port: Number(lines[3]),
    status: lines[7] ?? "",
  };
}

/**
 * The live server of this data directory, or undefined.
 *
 * A process id alone proves nothing: after a crash or a reboot another program may have it. So its
 * command line must name the data directory of the file, and that must be this one (or be gone,
 * when the project was moved under a running server; a copied project has both).
 */
export async function findPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const found = await readPostmaster(dataDirectory);
  return found !== undefined && (await isLive(found, dataDirectory)) ? found : undefined;
}

/** True when the server that wrote this file is the one that runs under its process id. */
export async function isLive(found: Postmaster, dataDirectory: string): Promise<boolean> {
  if (!(found.pid > 0) || !isAlive(found.pid)) return false;
  const [commandLine, isSame] = await Promise.all([
    readCommandLine(found.pid),
    isSameDirectory(found.dataDirectory, dataDirectory),
  ]);
  return isSame && commandLine?.includes(` -D ${found.dataDirectory} `) === true;
}

async function isSameDirectory(claimed: string, actual: string): Promise<boolean> {
  if (claimed === actual) return true;
  const [a, b] = await Promise.all([stat(claimed).catch(ifMissing), stat(actual)]);
  return a === undefined || (a.dev === b.dev && a.ino === b.ino);
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

export interface ServerStart extends Launch {
  readonly postgres: string;
  /** Absolute, without symbolic links. */
  readonly dataDirectory: string;
  readonly port: number;
  /** Receives what the server writes; appended to. */
  readonly logFile: string;
  /** Override postgresql.conf for as long as it runs. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/**
 * Starts a server that outlives this process: its own session (no Ctrl-C reaches it) and none of
 * our streams (`pgwright migrate | cat` must end).
 *
 * It listens on 127.0.0.1 alone. Its Unix socket stands in the data directory, which only its own
 * account can enter, and is named relative to it: the full path may exceed the 107 bytes of a
 * socket address.
 */
export async function launchPostmaster(start: ServerStart): Promise<LaunchedServer> {
  const settings = {
    ...start.settings,
    port: String(start.port),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: ".",
  };
  const log = await open(start.logFile, "a", 0o600);
  try {
    const child = spawn(
      start.postgres,
      [
        "-D",
        start.dataDirectory,
        ...Object.entries(settings).flatMap(([k, v]) => ["-c", `${k}=${v}`]),
      ],
      { ...launchOptions(start), detached: true, stdio: ["ignore", log.fd, log.fd] },
    );
    child.unref();
    // At once: a server that is refused ends before the next line of an async function runs.
    let why: string | undefined;
    child.once("error", (error) => (why = describeLaunchError(error)));
    child.once("exit", (status, by) => (why = by ? `ended by ${by}` : `exit status ${status}`));
    return { pid: child.pid, launchedAt: Date.now(), findEnd: () => why };
  } finally {
    await log.close();
  }
}

/** A server process that was started a moment ago. */
export interface LaunchedServer {
  readonly pid: number | undefined;
  /** Milliseconds since 1970. */
  readonly launchedAt: number;
  /** How it ended, or undefined while it runs. */
  findEnd(): string | undefined;
}

/** How waiting for a server ended. */
export type StartOutcome =
  | { readonly is: "ready"; readonly postmaster: Postmaster }
  /** Our own process ended: refused, or another server took the data directory first. */
  | { readonly is: "ended"; readonly why: string }
  | { readonly is: "still-starting"; readonly postmaster: Postmaster | undefined };

/**
 * Waits until the launched server accepts connections, ends, or `timeoutMs` is over. It goes on
 * starting in the last case: after a crash it replays its log, however long that takes.
 */
export async function waitUntilReady(
  launched: LaunchedServer,
  dataDirectory: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<StartOutcome> {
  // Whole seconds, as the server writes them. In a restarted container process ids repeat, so a
  // leftover file can name our child's id; its time cannot be ours.
  const since = Math.floor(launched.launchedAt / 1000) - 1;
  for (const deadline = Date.now() + timeoutMs; ;) {
    const found = await readPostmaster(dataDirectory);
    const isOurs = found !== undefined && found.pid === launched.pid && found.startedAt >= since;
    if (isOurs && (found.status === "ready" || found.status === "standby")) {
      return { is: "ready", postmaster: found };
    }
    const why = launched.findEnd();
    if (why !== undefined) return { is: "ended", why };
    if (Date.now() > deadline)
      return { is: "still-starting", postmaster: isOurs ? found : undefined };
    await sleep(10, undefined, signal === undefined ? {} : { signal });
  }
}

/**
 * Ends a server and waits for it. "fast" rolls back what is open and writes a checkpoint;
 * "immediate" is a crash, for data that nobody wants again.
 *
 * @returns false when it still runs after `timeoutMs`.
 */
export async function stopPostmaster(
  dataDirectory: string,
  how: "fast" | "immediate",
  timeoutMs: number,
): Promise<boolean> {
  const running = await findPostmaster(dataDirectory);
  if (running === undefined) return true;
  signalProcess(running.pid, how === "fast" ? "SIGINT" : "SIGQUIT");
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await sleep(10)) {
    if ((await findPostmaster(dataDirectory))?.pid !== running.pid) return true;
  }
  return false;
}
