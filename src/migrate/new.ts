/** `pgwright new`: the next migration file, named as the project names them. */
import { readdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFolders } from "../db/make-folders.ts";
import { PgwrightError } from "../errors.ts";
import { isTimestamp, nextNumber, parseName } from "./name.ts";
import type { MigrationName } from "./name.ts";
import { codeTemplate, repeatableTemplate, sqlTemplate } from "./template.ts";

export type Language = "sql" | "ts" | "js" | "mjs";

export interface NewOptions {
  readonly language: Language;
  readonly isRepeatable: boolean;
  /** The version to use in place of the next one, as it shall be written. */
  readonly version?: string | undefined;
  /** What the file is to say, in place of empty sections. */
  readonly text?: string | undefined;
  readonly now: Date;
}

export interface NewMigration {
  readonly file: string;
  readonly path: string;
  /** Null for a repeatable file. */
  readonly version: string | null;
  /** The newest file has a higher version: applied databases will call this one late. */
  readonly isLate: boolean;
}

/**
 * Writes a migration with empty sections, or with the given text. An existing file is never overwritten, and two calls at
 * once end with two versions.
 *
 * @throws PgwrightError `usage` for a description or version that cannot be in a name,
 *   `file-exists`, `file-unwritable`.
 */
export async function createMigration(
  directory: string,
  description: string,
  options: NewOptions,
): Promise<NewMigration> {
  const slug = slugOf(description);
  checkOptions(options);
  await prepareDirectory(directory);
  if (options.isRepeatable) {
    const file = `R_${slug}.sql`;
    const isWritten = await writeNew(join(directory, file), repeatableTemplate(description));
    if (!isWritten) throw exists(file);
    return { file, path: join(directory, file), version: null, isLate: false };
  }
  const text =
    options.text ??
    (options.language === "sql"
      ? sqlTemplate(description)
      : codeTemplate(description, options.language));
  // Whoever finds a second file of his version takes his own back and tries the next one.
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const known = await listNames(directory);
    const newest = highest(known);
    const version = options.version ?? nextVersion(newest, options.now);
    const file = fileName(version, newest, slug, options);
    const path = join(directory, file);
    const twin = known.find(({ name }) => name.order === BigInt(version));
    if (twin) throw exists(twin.file, version);
    if (await writeNew(path, text)) {
      const names = await listNames(directory);
      const isAlone = !names.some(
        (other) => other.file !== file && other.name.order === BigInt(version),
      );
      if (isAlone) {
        const isLate = newest !== undefined && newest.order > BigInt(version);
        return { file, path, version, isLate };
      }
      await unlink(path);
    }
    await sleep(5 + Math.random() * 50);
  }
  throw new PgwrightError("file-exists", "other processes keep taking the next version", {
    hint: "try again",
  });
}

interface KnownFile {
  readonly file: string;
  readonly name: MigrationName;
}

function slugOf(description: string): string {
  const slug = description
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "");
  if (!/[\p{L}\p{N}]/u.test(slug)) {
    throw new PgwrightError("usage", "the description needs a letter or a digit", {
      hint: 'pgwright new "add middle name"',
    });
  }
  // File systems allow 255 bytes; version, timestamp and extension want some of them.
  if (Buffer.byteLength(slug) > 200) {
    throw new PgwrightError("usage", "the description is too long for a file name", {
      hint: "say it in at most 200 bytes; details fit into the file",
    });
  }
  return slug;
}

function checkOptions({ version, isRepeatable, language }: NewOptions): void {
  if (version !== undefined && !/^[0-9]{1,40}$/.test(version)) {
    throw new PgwrightError("usage", `\`${version}\` is not a version`, {
      hint: "versions are digits: 042",
    });
  }
  if (isRepeatable && (version !== undefined || language !== "sql")) {
    throw new PgwrightError(
      "usage",
      version !== undefined
        ? "a repeatable migration has no version"
        : "repeatable migrations are SQL files",
    );
  }
}

async function prepareDirectory(directory: string): Promise<void> {
  try {
    await makeFolders(directory);
  } catch (error) {
    throw unwritable(`the directory \`${directory}\` cannot be made`, error);
  }
}

async function listNames(directory: string): Promise<KnownFile[]> {
  return (await readdir(directory)).flatMap((file) => {
    const parsed = parseName(file);
    return parsed.is === "migration" ? [{ file, name: parsed.name }] : [];
  });
}

function highest(known: readonly KnownFile[]): MigrationName | undefined {
  return known
    .map(({ name }) => name)
    .reduce<MigrationName | undefined>(
      (top, name) => (top && top.order >= name.order ? top : name),
      undefined,
    );
}

/** One more than the newest, as wide; today's date in a project whose versions are dates. */
export function nextVersion(newest: MigrationName | undefined, now: Date): string {
  if (!newest) return "001";
  const { version, order } = newest;
  const next = nextNumber(newest);
  if (!isTimestamp(version)) return next;
  const today = digitsOf(now, version.length);
  return BigInt(today) > order ? today : next;
}

function fileName(
  version: string,
  newest: MigrationName | undefined,
  slug: string,
  { language, now }: NewOptions,
): string {
  const width = newest ? (newest.timestamp?.length ?? 0) : isTimestamp(version) ? 0 : 8;
  // Without one, a description that begins with a date would be read as the timestamp.
  const looksDated = /^(?:[0-9]{8}|[0-9]{14})(?:_|$)/.test(slug);
  const timestamp = width > 0 || looksDated ? `${digitsOf(now, width || 8)}_` : "";
  return `${version}_${timestamp}${slug}.${language}`;
}

/** The first digits of a date and time in UTC: 8 are the day, 14 go to the second. */
function digitsOf(date: Date, width: number): string {
  return date.toISOString().replace(/\D/g, "").slice(0, width);
}

/** False when the file exists already. */
async function writeNew(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw unwritable(`\`${path}\` cannot be written`, error);
  }
}

function unwritable(what: string, cause: unknown): PgwrightError {
  const { message } = cause as NodeJS.ErrnoException;
  return new PgwrightError("file-unwritable", `${what}: ${message.replace(/, \w+ '.*$/s, "")}`, {
    hint: "make its folder writable, or name another one with --dir",
    cause,
  });
}

function exists(file: string, version?: string): PgwrightError {
  return new PgwrightError(
    "file-exists",
    version === undefined
      ? `\`${file}\` exists already`
      : `version ${version} exists already: \`${file}\``,
    { hint: version === undefined ? "edit that file" : "leave the number out to get the next one" },
  );
}
