/** A dump kept as a file beside the project, and compared with its database. */
import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import { intro } from "./layout.ts";

export type WriteState = "created" | "changed" | "unchanged";

/**
 * Writes a dump to a file, in one step: a reader sees the old text or the new one.
 *
 * @throws PgwrightError `file-exists` for a file that is no dump, `file-unwritable`.
 */
export async function writeDumpFile(path: string, sql: string): Promise<WriteState> {
  const before = await readDumpFile(path);
  if (before !== undefined && !before.startsWith(intro)) {
    throw new PgwrightError("file-exists", `${path} exists and was not written by pgwright dump`, {
      hint: "nothing was written; name another file, or remove this one",
    });
  }
  if (before === sql) return "unchanged";
  const draft = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    await writeFile(draft, sql, { flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw new PgwrightError("file-unwritable", `${path} cannot be written: ${reason(error)}`, {
      hint: "the database was only read",
      cause: error,
    });
  }
  return before === undefined ? "created" : "changed";
}

/**
 * Text of a dump file; undefined when there is none.
 *
 * @throws PgwrightError `file-unwritable` when it is there and cannot be read.
 */
export async function readDumpFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new PgwrightError("file-unwritable", `${path} cannot be read: ${reason(error)}`, {
      cause: error,
    });
  }
}

/** With line feeds only: a check-out on Windows may have given the file CRLF. */
export function withLineFeeds(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

/** Node's message without the system call and the path it names. */
function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*$/s, "") : String(error);
}
