/** A dump kept as a file beside the project, and compared with its database. */
import { randomBytes } from "node:crypto";
import { readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import { intro } from "./layout.ts";

/** `written`: to something that keeps no text, such as a pipe. */
export type WriteState = "created" | "changed" | "unchanged" | "written";

/** How a file that we write is known again. */
export interface KeptKind {
  /** How each begins. */
  readonly intro: string;
  /** `pgwright dump` */
  readonly command: string;
}

const dumpKind: KeptKind = { intro, command: "pgwright dump" };

/**
 * Writes a dump to a file, in one step: a reader sees the old text or the new one. What is no
 * regular file (a pipe, a device) is neither read nor replaced.
 *
 * @throws PgwrightError `file-exists` for a file of another kind, `file-unwritable`.
 */
export async function writeDumpFile(
  path: string,
  sql: string,
  kept: KeptKind = dumpKind,
): Promise<WriteState> {
  const kind = await kindOf(path);
  if (kind === "other") {
    await write(path, () => writeFile(path, sql));
    return "written";
  }
  const before = kind === undefined ? undefined : await readDumpFile(path);
  if (before !== undefined && !before.startsWith(kept.intro)) {
    throw new PgwrightError(
      "file-exists",
      `${path} exists and was not written by ${kept.command}`,
      {
        hint: "nothing was written; name another file, or remove this one",
      },
    );
  }
  if (before === sql) return "unchanged";
  await write(path, async () => {
    // A link stays one.
    const target = before === undefined ? path : await realpath(path);
    const draft = `${target}.${randomBytes(4).toString("hex")}.tmp`;
    try {
      await writeFile(draft, sql, { flag: "wx" });
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  });
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

async function kindOf(path: string): Promise<"file" | "other" | undefined> {
  try {
    return (await stat(path)).isFile() ? "file" : "other";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unwritable(path, error);
  }
}

async function write(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): PgwrightError {
  return new PgwrightError("file-unwritable", `${path} cannot be written: ${reason(cause)}`, {
    hint: "the database was only read",
    cause,
  });
}

/** Node's message without the system call and the path it names. */
function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+(?: '.*)?$/s, "") : String(error);
}
