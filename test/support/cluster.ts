import { spawn } from "node:child_process";
import { chmod, chown, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseServerAccount } from "../../src/db/embedded/account.ts";
import {
  type Binaries,
  locatePackage,
  type NativePackage,
  prepareBinaries,
  readPackage,
} from "../../src/db/embedded/binaries.ts";
import { prepareSharedFolder } from "../../src/db/embedded/home.ts";
import { initialiseCluster } from "../../src/db/embedded/initdb.ts";
import { findFreePort } from "../../src/db/embedded/port.ts";
import {
  findPostmaster,
  launchPostmaster,
  stopPostmaster,
  waitUntilReady,
} from "../../src/db/embedded/postmaster.ts";
import { signalProcess } from "../../src/db/embedded/process.ts";

const project = join(import.meta.dirname, "..", "..");

export interface ClusterOptions {
  /** Major version, instead of the one that tests run on. */
  readonly version?: string;
  /** Beyond the usual ones, or instead of them. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The whole of pg_hba.conf; by default everybody on this machine is trusted. */
  readonly hba?: string;
  /**
   * Files to write into the data directory before the start, owned by the server and readable for
   * it alone: certificates and keys, pg_ident.conf; `{ "standby.signal": "" }` makes a standby.
   */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Cluster extends AsyncDisposable {
  /** Superuser `postgres`, database `postgres`, 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly binaries: Binaries;
  /** Of the running postmaster; another one after `start()`. */
  readonly pid: number;
  /** What the server has written so far. */
  log(): Promise<string>;
  /** Fast shutdown; the data stays until the cluster is disposed of. */
  stop(): Promise<void>;
  /** `kill -9` of the postmaster. */
  kill(): Promise<void>;
  /** Starts it again after `stop()` or `kill()`, on the same port. */
  start(): Promise<void>;
}

/**
 * Starts a throwaway server of the version the tests run on, with an empty cluster: no fsync, pg_stat_statements preloaded.
 * `await using cluster = await startCluster()` stops and deletes it; so does the end of this
 * process, however it ends.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const account = await chooseServerAccount();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "pgwright-test-")));
  await chmod(folder, 0o755);
  const dataDirectory = join(folder, "data");
  const logFile = join(folder, "log");
  const watchdog = watchOver(folder);
  try {
    const binaries = await prepareBinaries(await findPackage(options.version), account, {
      linkDirectory: folder,
      copyDirectory: prepareSharedFolder,
    });
    await initialiseCluster({
      binaries,
      account,
      dataDirectory,
      isDurable: false,
      settings: { ...defaults, ...options.settings },
    });
    const files: Record<string, string> = { ...options.files };
    if (options.hba !== undefined) files["pg_hba.conf"] = options.hba;
    for (const [name, content] of Object.entries(files)) {
      const path = join(dataDirectory, name);
      await writeFile(path, content, { mode: 0o600 });
      if (account !== undefined) await chown(path, account.uid, account.gid);
    }
    const launch = async (port: number) => {
      const launched = await launchPostmaster({
        account,
        libraryPath: binaries.libraryPath,
        postgres: binaries.postgres,
        dataDirectory,
        port,
        logFile,
      });
      const outcome = await waitUntilReady(launched, dataDirectory, 60_000);
      if (outcome.is !== "ready") {
        throw new Error(`the test server did not start:\n${await readFile(logFile, "utf8")}`);
      }
      return outcome.postmaster;
    };
    let postmaster = await launch(await findFreePort());
    const { port } = postmaster;
    return {
      url: `postgres://postgres@127.0.0.1:${port}/postgres`,
      port,
      dataDirectory,
      binaries,
      get pid() {
        return postmaster.pid;
      },
      log: () => readFile(logFile, "utf8"),
      async stop() {
        await stopPostmaster(dataDirectory, "fast", 30_000);
      },
      async kill() {
        signalProcess(postmaster.pid, "SIGKILL");
        while ((await findPostmaster(dataDirectory)) !== undefined) await sleep(5);
        // Until its parent has seen its end, the next server takes it for one that runs.
        while (signalProcess(postmaster.pid, 0)) await sleep(5);
      },
      async start() {
        postmaster = await launch(port);
      },
      async [Symbol.asyncDispose]() {
        await stopPostmaster(dataDirectory, "immediate", 30_000);
        await watchdog.release();
      },
    };
  } catch (error) {
    await watchdog.release();
    throw error;
  }
}

const defaults = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_preload_libraries: "pg_stat_statements",
  // All tests of a run together have more than 50,000 statements, and each looks for its own.
  "pg_stat_statements.max": "100000",
  max_connections: "200",
  max_prepared_transactions: "10",
  wal_level: "logical",
};

/** The folder `native` of the major version in PGWRIGHT_TEST_VERSION, or of the installed server. */
async function findPackage(version = process.env["PGWRIGHT_TEST_VERSION"]): Promise<NativePackage> {
  if (!version) return locatePackage(project);
  const name = `postgres-${version}`;
  try {
    return await readPackage(join(project, "test", "servers", "node_modules", name, "native"));
  } catch (error) {
    throw new Error(`${name} is not installed: \`npm --prefix test/servers ci\``, { cause: error });
  }
}

/**
 * A shell in a session of its own that waits for the end of a pipe from this process, which comes
 * with the end of the process at the latest (also by SIGKILL), then stops the server and removes
 * the folder.
 */
function watchOver(folder: string): { release(): Promise<void> } {
  const script = `
    read -r _
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null && sleep 1
    rm -rf "$1"`;
  const shell = spawn("/bin/sh", ["-c", script, "watchdog", folder], {
    detached: true,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    async release() {
      await rm(folder, { recursive: true, force: true });
      shell.stdin.end();
    },
  };
}
