/** The counters of one moment in a file: a line that says what it is, then a line for each entry. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadParser } from "../db/script.ts";
import { look } from "./look.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { type Entry, openStatistics, readAllEntries, readInfo, readTotals } from "./statistics.ts";
import { maskText, ownMark } from "./text.ts";

export interface SnapshotHead {
  readonly format: "pgwright slow-queries 1";
  /** By the server's clock, UTC. */
  readonly takenAt: string;
  readonly database: string;
  /** Null where the role may not ask. */
  readonly systemIdentifier: string | null;
  readonly host: string;
  /** 18. */
  readonly majorVersion: number;
  readonly startedAt: string;
  readonly extensionVersion: string;
  /** When all counters began. */
  readonly since: string | null;
  readonly evictions: number | null;
  /** Entries of other roles that the role could not see; absent in files of before it was written. */
  readonly hidden?: number;
  readonly entries: number;
}

export interface Snapshot extends SnapshotHead {
  readonly statements: readonly Entry[];
}

const format = "pgwright slow-queries 1";

/** The counters of the connected database as they are now. Texts are masked. */
export async function takeSnapshot(session: Session): Promise<Snapshot> {
  await loadParser();
  const { statements, ...head } = await look(session, async () => {
    const source = await openStatistics(session);
    const info = await readInfo(session, source);
    const { hidden } = await readTotals(session, source, { database: session.server.database });
    const entries = await readAllEntries(session, source);
    const { now } = await session.one<{ now: string }>(
      `select ${ownMark} to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
    );
    const { server } = session;
    return {
      format: format as SnapshotHead["format"],
      takenAt: now,
      database: server.database,
      systemIdentifier: source.systemIdentifier,
      host: `${server.host}:${server.port}`,
      majorVersion: Math.floor(server.versionNumber / 10_000),
      startedAt: source.startedAt,
      extensionVersion: source.version,
      ...info,
      hidden,
      entries: entries.length,
      statements: entries,
    };
  });
  // Not inside of the transaction: thousands of texts take a while, and it would stand idle.
  return {
    ...head,
    statements: statements.map((entry) => ({ ...entry, text: maskText(entry.text) })),
  };
}

/** Writes it in one step, by default under its time in the directory of snapshots; gives the path. */
export async function writeSnapshot(
  snapshot: Snapshot,
  { directory, output }: { directory: string; output: string | undefined },
): Promise<string> {
  const name = `${snapshot.takenAt.replaceAll(":", "")}.jsonl`;
  const path = output ?? join(directory, encodeURIComponent(snapshot.database), name);
  const { statements, ...head } = snapshot;
  const text = [head, ...statements].map((line) => `${JSON.stringify(line)}\n`).join("");
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    if (output === undefined) await mkdir(resolve(path, ".."), { recursive: true });
    await writeFile(draft, text, { flag: "wx", mode: 0o600 });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new PgwrightError(
      "file-unwritable",
      `${path} cannot be written: ${(error as Error).message}`,
      { cause: error, hint: "the database was only read" },
    );
  }
  return path;
}

/**
 * The snapshot that is meant: a file, `last`, or the newest one that is as old as `2h` or `3d`.
 *
 * @throws PgwrightError `snapshot-unusable`.
 */
export async function findSnapshot(
  point: string,
  place: {
    readonly directory: string;
    readonly workingDirectory: string;
    readonly database: string;
  },
  now: Date,
): Promise<Snapshot> {
  const [, amount, unit] = /^([0-9]{1,6})(min|h|d)$/.exec(point) ?? [];
  if (point !== "last" && amount === undefined) {
    return readSnapshot(resolve(place.workingDirectory, point), point);
  }
  const folder = join(place.directory, encodeURIComponent(place.database));
  const names = (await listFolder(folder)).filter((name) => name.endsWith(".jsonl")).toSorted();
  const factor = { min: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ""] ?? 0;
  const latest = new Date(now.getTime() - Number(amount ?? 0) * factor);
  const limit = `${latest.toISOString().replaceAll(":", "")}.jsonl`;
  const name = names.findLast((one) => point === "last" || one <= limit);
  if (name === undefined) {
    throw new PgwrightError(
      "snapshot-unusable",
      names.length === 0
        ? `there is no snapshot of the database \`${place.database}\` in ${place.directory}`
        : `none of the ${names.length} snapshots is as old as ${point}: the first is ${names[0]}`,
      { hint: "`pgwright slow-queries snapshot` takes one" },
    );
  }
  return readSnapshot(join(folder, name), join(folder, name));
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readSnapshot(path: string, shown: string): Promise<Snapshot> {
  let lines: string[];
  try {
    lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
  } catch (error) {
    throw unusable(
      shown,
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? "there is no such file"
        : (error as Error).message,
    );
  }
  try {
    const [head, ...statements] = lines.map((line) => JSON.parse(line) as unknown);
    const first = head as SnapshotHead | undefined;
    if (first?.format !== format)
      throw unusable(shown, "it was not written by `slow-queries snapshot`");
    if (first.entries !== statements.length) {
      throw unusable(shown, `it is cut off: ${statements.length} of ${first.entries} entries`);
    }
    return { ...first, statements: statements as Entry[] };
  } catch (error) {
    if (error instanceof SyntaxError) throw unusable(shown, `it is damaged: ${error.message}`);
    throw error;
  }
}

function unusable(shown: string, why: string): PgwrightError {
  return new PgwrightError("snapshot-unusable", `the snapshot ${shown} cannot be used: ${why}`, {
    hint: "`pgwright slow-queries snapshot` takes a new one; `--since` takes a file, `last`, or an age such as 2h",
  });
}
