/** The handbook's folder: what is in it, what is to be in it, and the difference. */
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolders } from "../db/make-folders.ts";
import { PgwrightError } from "../errors.ts";
import { writePage } from "../html/write-page.ts";
import { markdownMark } from "./markdown/write.ts";
import { pageMark } from "./page/write.ts";

export type FileState = "created" | "changed" | "unchanged" | "removed";

export interface PlannedFile {
  /** In the folder, with `/` on every system. */
  readonly path: string;
  readonly state: FileState;
  /** What is to stand in it; undefined for one that is removed. */
  readonly text: string | undefined;
}

/**
 * Compares texts with the folder. A file of ours that is not among them is removed: its schema is gone.
 *
 * @throws PgwrightError `file-exists` where a file of that name is not ours, `file-unwritable`.
 */
export async function planFiles(
  folder: string,
  texts: ReadonlyMap<string, string>,
): Promise<PlannedFile[]> {
  const planned: PlannedFile[] = [];
  for (const [path, text] of texts) {
    const before = await readText(join(folder, path));
    if (before !== undefined && !isOurs(before)) {
      throw new PgwrightError(
        "file-exists",
        `${join(folder, path)} exists and was not written by pgwright docs build`,
        { hint: "nothing was written; name another folder with --output, or remove this file" },
      );
    }
    planned.push({
      path,
      text,
      state: before === undefined ? "created" : before === text ? "unchanged" : "changed",
    });
  }
  for (const name of await listSchemas(folder)) {
    const path = `schemas/${name}`;
    if (texts.has(path) || !isOurs((await readText(join(folder, path))) ?? "")) continue;
    planned.push({ path, text: undefined, state: "removed" });
  }
  return planned;
}

/** Brings the folder to what was planned. */
export async function writeFiles(folder: string, planned: readonly PlannedFile[]): Promise<void> {
  for (const { path, text, state } of planned) {
    if (state === "unchanged") continue;
    const target = join(folder, path);
    if (text === undefined) {
      await attempt(target, () => rm(target));
      continue;
    }
    await attempt(target, () => makeFolders(dirname(target)));
    await writePage(target, text);
  }
}

function isOurs(text: string): boolean {
  return text.startsWith(markdownMark) || text.slice(0, 200).includes(`<!-- ${pageMark} -->`);
}

async function listSchemas(folder: string): Promise<string[]> {
  try {
    const names = await readdir(join(folder, "schemas"));
    return names.filter((name) => name.endsWith(".md")).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw unwritable(join(folder, "schemas"), error);
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unwritable(path, error, "read");
  }
}

async function attempt(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown, verb = "written"): PgwrightError {
  return new PgwrightError(
    "file-unwritable",
    `${path} cannot be ${verb}: ${(cause as Error).message}`,
    { cause, hint: "the database was only read" },
  );
}
