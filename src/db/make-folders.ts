import { mkdir, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";

/**
 * Makes a folder and those above it that are missing; one that is there stays as it is.
 *
 * One after the other: `mkdir` of Node with `recursive` never ends where a file system says that a
 * new folder's parent does not exist, as /proc does.
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  const missing: string[] = [];
  for (let folder = resolve(path); !(await isThere(folder)); folder = dirname(folder)) {
    missing.unshift(folder);
  }
  // It may be a file, which is refused like a new folder in its place.
  for (const folder of missing.length > 0 ? missing : [resolve(path)]) await makeOne(folder, mode);
}

async function makeOne(folder: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && (await isFolder(folder))) return;
    // Its parent is there: this is not about a missing one.
    if (code !== "ENOENT") throw error;
    const cause = error as Error;
    const message = `the file system of ${dirname(folder)} takes no new folders`;
    throw Object.assign(new Error(message, { cause }), { code, path: folder });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await isThere(path)) && (await stat(path)).isDirectory();
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw error;
  }
}
