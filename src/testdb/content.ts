/** What a template is made of, as one hash: the same content gives the same template. */
import { createHash, type Hash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerInfo } from "../db/session.ts";

export interface TemplateContent {
  /** Folders whose files are the content. One that does not exist is empty. */
  readonly directories: readonly string[];
  /** Single files of it. */
  readonly files: readonly string[];
  /** What else decides, such as the name of the ledger. */
  readonly settings: Readonly<Record<string, string | undefined>>;
}

/**
 * SHA-256 in hex over every file with its path, the settings, the server's version and the role
 * that will own the databases: a template of another role would hold objects that are not its own.
 *
 * Where partitions are declared, the day counts too (UTC): they are made ahead of today.
 */
export async function hashContent(
  content: TemplateContent,
  server: Pick<ServerInfo, "versionNumber" | "role">,
  { toolVersion, today }: { readonly toolVersion: string; readonly today: string },
): Promise<string> {
  const hash = createHash("sha256");
  const settings = Object.entries(content.settings).toSorted(([a], [b]) => (a < b ? -1 : 1));
  addText(hash, JSON.stringify([toolVersion, server.versionNumber, server.role, settings]));
  for (const directory of content.directories) {
    const names = await filesIn(directory);
    addText(hash, `${names.length}`);
    for (const name of names) await addFile(hash, name, join(directory, name));
    if (names.includes("partitions.yaml")) addText(hash, today);
  }
  for (const file of content.files) await addFile(hash, "", file);
  return hash.digest("hex");
}

/** Relative paths with slashes, in an order that no locale changes. */
async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
      .map((name) => name.replaceAll("\\", "/"))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function addFile(hash: Hash, name: string, path: string): Promise<void> {
  addText(hash, name);
  addText(hash, await readFile(path));
}

/** With its length before it: "ab" and "c" must differ from "a" and "bc". */
function addText(hash: Hash, text: string | Buffer): void {
  hash.update(`${Buffer.byteLength(text)}:`).update(text);
}
