/** The files that a command line names: SQL files, and directories with the ones that lie in them. */
import type { Dirent } from "node:fs";
import { readdirSync, statSync } from "node:fs";
import { relative, sep } from "node:path";
import { shellWord } from "../db/shell-word.ts";
import { PgwrightError } from "../errors.ts";
import { nameSpecial, nameSpecialAt } from "../migrate/special-file.ts";

export interface NamedPath {
  readonly path: string;
  /** Not a pipe, nor a terminal. */
  readonly isFile: boolean;
}

/** A directory below one that was named, in which nobody looks. */
export interface PassedOver {
  readonly directory: string;
  /** SQL files that lie in it. */
  readonly files: number;
}

export interface Listed {
  readonly isDirectory: boolean;
  readonly files: readonly NamedPath[];
  /** Directories that `findSqlIn` may look into. */
  readonly below: readonly string[];
}

/**
 * A file, or the SQL files of a directory by name; not of those below it, as `migrate` reads its
 * directory: an `archive/` there does not run.
 *
 * @throws PgwrightError `migrations-unreadable`.
 */
export function listSql(path: string): Listed {
  try {
    const stats = statSync(path);
    if (!stats.isDirectory()) {
      const isFile = nameSpecial(stats) === undefined;
      return { isDirectory: false, files: [{ path, isFile }], below: [] };
    }
    // The path is absolute and has nothing to be resolved, which join() would look for in each.
    const folder = path.endsWith(sep) ? path : path + sep;
    const entries = readdirSync(path, { withFileTypes: true });
    const files = entries
      .filter(isSql)
      .map((entry) => {
        const path = folder + entry.name;
        // Whoever means a pipe names it; in a folder it would be waited for by mistake.
        const what = entry.isFile() ? undefined : nameSpecialAt(path);
        if (what !== undefined) throw unreadable(path, new Error(what));
        return { path, isFile: entry.isFile() };
      })
      .toSorted((one, other) => (one.path < other.path ? -1 : 1));
    return { isDirectory: true, files, below: directoriesIn(path, entries) };
  } catch (error) {
    throw error instanceof PgwrightError ? error : unreadable(path, error);
  }
}

const isSql = (entry: Dirent) => entry.name.endsWith(".sql") && !entry.isDirectory();

// From the top of a repository that is as far as anybody has migrations; `lint /` ends all the same.
const deepest = 4;
const most = 2000;

/** Those of these directories that have SQL files, and those below them, the nearest first. */
export function findSqlIn(directories: readonly string[]): PassedOver[] {
  const found: PassedOver[] = [];
  let level = directories;
  let looked = 0;
  for (let depth = 0; depth < deepest && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      if ((looked += 1) > most) return found;
      const entries = entriesOf(directory);
      const files = entries.filter(isSql).length;
      if (files > 0) found.push({ directory, files });
      next.push(...directoriesIn(directory, entries));
    }
    level = next;
  }
  return found;
}

/** The same of what lies below a directory. */
export function findSqlBelow(directory: string): PassedOver[] {
  return findSqlIn(directoriesIn(directory, entriesOf(directory)));
}

/** Links are not followed, and what is hidden or installed is not looked into. */
function directoriesIn(directory: string, entries: readonly Dirent[]): string[] {
  const top = directory.endsWith(sep) ? directory : directory + sep;
  return entries
    .filter((entry) => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
    .map(({ name }) => top + name)
    .toSorted();
}

/** What cannot be read has nothing to point at. */
function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM" || code === "ENOENT") return [];
    throw unreadable(directory, error);
  }
}

/** The error about a directory that was named and has nothing to judge: a path that is one level off. */
export function nothingIn(directory: string, workingDirectory: string): PgwrightError {
  const shown = (path: string) => relative(workingDirectory, path) || ".";
  const below = findSqlBelow(directory);
  const named = below
    .slice(0, 5)
    .map((one) => `\`pgwright lint ${shellWord(shown(one.directory))}\` (${countOf(one)})`);
  const more = below.length > 5 ? `, and ${below.length - 5} more` : "";
  return new PgwrightError("sql-not-found", `\`${shown(directory)}\` has no SQL file to judge`, {
    notes: [`looked for *.sql in ${directory}, not in directories below it; nothing was judged`],
    hint:
      below.length > 0
        ? `there are some below it: ${named.join(", ")}${more}`
        : "name the files, or the directory that they lie in; `pgwright lint` without a file judges the whole migrations directory",
  });
}

const countOf = ({ files }: PassedOver) => `${files} ${files === 1 ? "file" : "files"}`;

export function unreadable(path: string, error: unknown): PgwrightError {
  const { code } = error as NodeJS.ErrnoException;
  const why =
    code === "ENOENT"
      ? "does not exist"
      : (nameSpecialAt(path) ?? `cannot be read (${code ?? "for an unknown reason"})`);
  return new PgwrightError("migrations-unreadable", `\`${path}\` ${why}`, {
    hint: "`pgwright lint` without a file judges the whole migrations directory",
    cause: error,
  });
}
