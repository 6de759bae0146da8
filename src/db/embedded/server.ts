/** The server that a project can name as its database: real PostgreSQL, nothing to install. */
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import { createCluster, findDamage, findForeignOwner, readPassword } from "./cluster.ts";
import { type EmbeddedLocation, findHome, type Home } from "./home.ts";
import { findPostmaster, type Postmaster, stopPostmaster } from "./postmaster.ts";
import { findHolderElsewhere, startServer } from "./start.ts";
import { databaseNameOf, readState } from "./state.ts";

export type { EmbeddedLocation } from "./home.ts";

/** A running server and how to reach it. */
export interface EmbeddedServer {
  /** With the password in it: never to be shown unasked. */
  readonly url: string;
  /** True when this call started it. */
  readonly started: boolean;
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly database: string;
  readonly pid: number;
  /** "18.4" */
  readonly version: string;
  readonly dataDirectory: string;
  readonly logFile: string;
}

export interface EmbeddedStatus {
  readonly state: "running" | "starting" | "stopping" | "stopped" | "absent" | "broken";
  /** What is wrong when broken, and what to do. */
  readonly why?: string | undefined;
  readonly hint?: string | undefined;
  readonly host?: "127.0.0.1" | undefined;
  /** While running; when stopped, the one it will try to take. */
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly pid?: number | undefined;
  readonly version?: string | undefined;
  /** ISO 8601. */
  readonly startedAt?: string | undefined;
  readonly dataDirectory?: string | undefined;
  readonly logFile?: string | undefined;
}

export interface EmbeddedStop {
  readonly wasRunning: boolean;
  readonly pid?: number | undefined;
  readonly dataDirectory?: string | undefined;
}

const stopTimeoutMs = 120_000;

/**
 * The project's server, made and started where needed. It stays up when this process ends.
 *
 * When it runs already this reads a few small files and starts no process. Several processes may
 * call it at once: one cluster is made, one server started, all get the same answer.
 *
 * @throws PgwrightError `embedded-missing`, `embedded-failed`, `interrupted`.
 */
export async function ensureEmbedded(
  location: EmbeddedLocation,
  onEvent: EventListener,
  signal?: AbortSignal,
): Promise<EmbeddedServer> {
  try {
    const home =
      (await findHome(location)) ??
      (await announce(onEvent, "creating the embedded server", () =>
        createCluster(location, signal),
      ));
    const damage = await findDamage(home);
    if (damage !== undefined) {
      throw new PgwrightError("embedded-failed", damage.why, { hint: damage.hint });
    }
    const running = await findPostmaster(home.data);
    if (running?.status === "ready") return await describeServer(location, home, running, false);
    const { postmaster, started } = await announce(onEvent, "starting the embedded server", () =>
      startServer(location, home, signal),
    );
    return await describeServer(location, home, postmaster, started);
  } catch (error) {
    throw signal?.aborted
      ? new PgwrightError("interrupted", "interrupted", { cause: error })
      : asEmbeddedError(error);
  }
}

/** What there is of the project's server. Changes nothing and starts nothing. */
export async function embeddedStatus(location: EmbeddedLocation): Promise<EmbeddedStatus> {
  const home = await findHome(location);
  if (home === undefined) return { state: "absent" };
  const files = { dataDirectory: home.data, logFile: home.log };
  const damage = await findDamage(home);
  if (damage !== undefined) return { state: "broken", ...damage, ...files };
  const { database, port, version } = await readState(home.state);
  const known = { database: database ?? databaseNameOf(location.projectDirectory), version };
  const found = await findPostmaster(home.data);
  if (found === undefined) {
    const elsewhere = await findHolderElsewhere(home);
    return elsewhere === undefined
      ? { state: "stopped", ...known, port, ...files }
      : { state: "broken", ...elsewhere, ...known, port, ...files };
  }
  return {
    state:
      found.status === "ready" ? "running" : found.status === "stopping" ? "stopping" : "starting",
    host: "127.0.0.1",
    port: found.port,
    ...known,
    pid: found.pid,
    startedAt: new Date(found.startedAt * 1000).toISOString(),
    ...files,
  };
}

/**
 * Shuts the project's server down in order: open transactions are rolled back, a checkpoint is
 * written. Returns when it has ended.
 *
 * @throws PgwrightError `embedded-failed` when it is not ours to stop or does not end.
 */
export async function stopEmbedded(location: EmbeddedLocation): Promise<EmbeddedStop> {
  const home = await findHome(location);
  if (home === undefined) return { wasRunning: false };
  const foreign = await findForeignOwner(home);
  if (foreign !== undefined) {
    throw new PgwrightError("embedded-failed", foreign.why, { hint: foreign.hint });
  }
  const running = await findPostmaster(home.data).catch(rethrowEmbedded);
  if (running === undefined) {
    const elsewhere = await findHolderElsewhere(home);
    if (elsewhere === undefined) return { wasRunning: false, dataDirectory: home.data };
    throw new PgwrightError("embedded-failed", elsewhere.why, { hint: elsewhere.hint });
  }
  const hasEnded = await stopPostmaster(home.data, "fast", stopTimeoutMs).catch(rethrowEmbedded);
  if (!hasEnded) {
    throw new PgwrightError(
      "embedded-failed",
      `the server (process ${running.pid}) is still shutting down after ${stopTimeoutMs / 1000} s`,
      { hint: `its log tells what it waits for: ${home.log}` },
    );
  }
  return { wasRunning: true, pid: running.pid, dataDirectory: home.data };
}

async function describeServer(
  location: EmbeddedLocation,
  home: Home,
  postmaster: Postmaster,
  started: boolean,
): Promise<EmbeddedServer> {
  const [password, state] = await Promise.all([readPassword(home), readState(home.state)]);
  const { database = databaseNameOf(location.projectDirectory), version = "" } = state;
  const { pid, port } = postmaster;
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/${database}`,
    started,
    host: "127.0.0.1",
    port,
    database,
    pid,
    version,
    dataDirectory: home.data,
    logFile: home.log,
  };
}

async function announce<T>(
  onEvent: EventListener,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  const began = performance.now();
  onEvent({ type: "step-started", title });
  try {
    const result = await work();
    onEvent({ type: "step-finished", title, durationMs: performance.now() - began });
    return result;
  } catch (error) {
    onEvent({ type: "step-failed", title, durationMs: performance.now() - began });
    throw error;
  }
}

/** A refusal of the file system (rights, a full disk) is no bug. */
function asEmbeddedError(error: unknown): unknown {
  const { syscall, path, code, message } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || syscall === undefined) return error;
  if (path === undefined) {
    return new PgwrightError("embedded-failed", `the embedded server failed: ${message}`, {
      cause: error,
    });
  }
  // "EACCES: permission denied, mkdir '/srv/app/.pgwright'"
  const why = /^\w+: (.*?), /s.exec(message)?.[1] ?? message;
  return new PgwrightError("embedded-failed", `the embedded server needs ${path}: ${why}`, {
    hint: ["EACCES", "EPERM", "EROFS", "ENOENT"].includes(code ?? "")
      ? "it keeps its files in .pgwright of the project or, where that cannot be written, in XDG_CACHE_HOME or ~/.cache; or name a server of your own with `--url`"
      : undefined,
    cause: error,
  });
}

function rethrowEmbedded(error: unknown): never {
  throw asEmbeddedError(error);
}
