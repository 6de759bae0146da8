import { appendFile, chmod, chown, mkdir, readFile } from "node:fs/promises";
import { platform } from "node:os";
import { join } from "node:path";
import { PgwrightError } from "../../errors.ts";
import type { Account } from "./account.ts";
import type { Binaries } from "./binaries.ts";
import { type Outcome, runProgram } from "./process.ts";
import { findReason, lastLines } from "./reason.ts";

export interface ClusterDraft {
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  /** Must not exist; its parent must be enterable for the account. */
  readonly dataDirectory: string;
  /** Superuser `postgres`'s password in a file the account can read; without one, trust. */
  readonly passwordFile?: string | undefined;
  /** Appended to postgresql.conf. */
  readonly settings: Readonly<Record<string, string>>;
  /** False for data that nobody wants again. */
  readonly isDurable: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Creates a database cluster: UTF-8, the same sort order on every machine (byte order, with the
 * C.UTF-8 rules for upper and lower case from 17 on), page checksums.
 */
export async function initialiseCluster(draft: ClusterDraft): Promise<void> {
  const { binaries, account, dataDirectory } = draft;
  await mkdir(dataDirectory, { mode: 0o700 });
  await chmod(dataDirectory, 0o700);
  if (account !== undefined) await chown(dataDirectory, account.uid, account.gid);
  const outcome = await runProgram(
    binaries.initdb,
    [
      `--pgdata=${dataDirectory}`,
      "--username=postgres",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
      "--data-checksums", // the default only since 18
      ...letters(binaries.major),
      ...(draft.passwordFile === undefined
        ? ["--auth=trust"]
        : ["--auth=scram-sha-256", `--pwfile=${draft.passwordFile}`]),
      ...syncing(binaries.major, draft.isDurable),
    ],
    { account, libraryPath: binaries.libraryPath, signal: draft.signal },
  );
  refuseFailure(outcome, "initdb failed");
  const lines = Object.entries(draft.settings).map(
    ([name, value]) => `${name} = ${quote(value)}\n`,
  );
  await appendFile(join(dataDirectory, "postgresql.conf"), `\n# pgwright\n${lines.join("")}`);
}

// What upper() and ILIKE know beyond ASCII. Before 17 PostgreSQL has no rules of its own, and of the
// systems only Linux is sure to have this locale.
function letters(major: number): string[] {
  if (major >= 17) return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  return platform() === "linux" ? ["--lc-ctype=C.UTF-8"] : [];
}

// One syncfs() takes 0.1 s where an fsync() of each of the thousand files took 10 s (ext4 on a
// virtual disk, 18.4); initdb knows it since 17, on Linux.
function syncing(major: number, isDurable: boolean): string[] {
  if (!isDurable) return ["--no-sync"];
  return major >= 17 && platform() === "linux" ? ["--sync-method=syncfs"] : [];
}

/** Runs SQL in a cluster that no server has open, in its `postgres` database. */
export async function runInSingleUserMode(draft: ClusterDraft, sql: string): Promise<void> {
  const { binaries, account, dataDirectory } = draft;
  const outcome = await runProgram(
    binaries.postgres,
    // -j: statements end with a semicolon and an empty line. An error must end it with a status.
    ["--single", "-j", "-D", dataDirectory, "-c", "exit_on_error=on", "postgres"],
    { account, libraryPath: binaries.libraryPath, signal: draft.signal, input: `${sql};\n\n` },
  );
  refuseFailure(outcome, "the new cluster could not be prepared");
}

function refuseFailure(outcome: Outcome, what: string): void {
  if (outcome.status === 0) return;
  const reason = findReason(outcome.output) ?? "no reason given";
  throw new PgwrightError("embedded-failed", `${what}: ${reason}`, {
    notes: lastLines(outcome.output, 8),
  });
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The major version that made a data directory, from its PG_VERSION. */
export async function readMajorVersion(dataDirectory: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDirectory, "PG_VERSION"), "utf8"), 10);
}
