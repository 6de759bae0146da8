/** Snapshots in files: a line that says what it is, then a line for each entry. */
import { randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { makeFolders } from "../db/make-folders.ts";
import { PgwrightError } from "../errors.ts";
import { type KeptEntry, type Snapshot, snapshotFormat, type SnapshotHead } from "./snapshot.ts";

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
    if (output === undefined) await makeFolders(resolve(path, ".."));
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

/** The files of a database's snapshots, by the time in their names (UTC, ISO 8601). */
export async function listSnapshotFiles(
  directory: string,
  database: string,
): Promise<{ readonly takenAt: string; readonly path: string }[]> {
  const folder = join(directory, encodeURIComponent(database));
  return (await listFolder(folder)).flatMap((name) => {
    const [, day, hour, minute, rest] =
      /^(\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d\.\d+Z)\.jsonl$/.exec(name) ?? [];
    return day === undefined
      ? []
      : [{ takenAt: `${day}${hour}:${minute}:${rest}`, path: join(folder, name) }];
  });
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export async function readSnapshotFile(path: string, shown: string): Promise<Snapshot> {
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
    if (first?.format !== snapshotFormat)
      throw unusable(shown, "it was not written by `slow-queries snapshot`");
    if (first.entries !== statements.length) {
      throw unusable(shown, `it is cut off: ${statements.length} of ${first.entries} entries`);
    }
    return { ...first, statements: statements as KeptEntry[] };
  } catch (error) {
    if (error instanceof SyntaxError) throw unusable(shown, `it is damaged: ${error.message}`);
    throw error;
  }
}

export function unusable(shown: string, why: string): PgwrightError {
  return new PgwrightError("snapshot-unusable", `the snapshot ${shown} cannot be used: ${why}`, {
    hint: "`pgwright slow-queries snapshot` takes a new one; `--since` takes a file, `table:<id>`, `last`, a time, or an age such as 2h",
  });
}
