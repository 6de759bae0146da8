/** ~/.pgpass: passwords by host, port, database and role. */
import { readFileSync, statSync } from "node:fs";

export interface PasswordFile {
  readonly path: string;
  /** Its lines, comments left out. */
  readonly lines: readonly string[];
  /** Why the file was not used though it exists. */
  readonly warning?: string;
}

/**
 * Reads a password file. A missing one is empty, as for libpq; one that others can read is not
 * used, and the warning says so (libpq's rule; Windows has no such check).
 */
export function readPasswordFile(path: string, platform: NodeJS.Platform): PasswordFile {
  let mode: number;
  try {
    const stat = statSync(path);
    if (!stat.isFile()) {
      return { path, lines: [], warning: `the password file ${path} is not a plain file` };
    }
    mode = stat.mode;
  } catch {
    return { path, lines: [] };
  }
  if (platform !== "win32" && (mode & 0o077) !== 0) {
    return {
      path,
      lines: [],
      warning: `the password file ${path} is not used because others can read it; run: chmod 0600 ${path}`,
    };
  }
  try {
    return { path, lines: splitLines(readFileSync(path, "utf8")) };
  } catch {
    return { path, lines: [], warning: `the password file ${path} cannot be read` };
  }
}

/** The lines that can match: `host:port:database:role:password`. */
export function splitLines(source: string): string[] {
  return source
    .split("\n")
    .map((line) => line.replace(/\r+$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The password of the first line that matches; "localhost" also stands for the default socket. */
export function findPassword(
  { lines }: PasswordFile,
  host: string,
  port: number,
  database: string,
  role: string,
): string | undefined {
  const name = ["/var/run/postgresql", "/tmp", ""].includes(host) ? "localhost" : host;
  const wanted = [name, String(port), database, role];
  for (const line of lines) {
    let at: number | undefined = 0;
    for (const value of wanted) at = at === undefined ? undefined : matchField(line, at, value);
    if (at !== undefined) return readPassword(line.slice(at));
  }
  return undefined;
}

/**
 * Where the next field begins, if this one is `value` or `*`. Led by the value, as in libpq, so
 * that the colons of `::1` need no backslash in the file though they may have one.
 */
function matchField(line: string, start: number, value: string): number | undefined {
  if (line.startsWith("*:", start)) return start + 2;
  let at = start;
  for (const unit of value.split("")) {
    if (line[at] === "\\") at += 1;
    if (line[at] !== unit) return undefined;
    at += 1;
  }
  return line[at] === ":" ? at + 1 : undefined;
}

/** Up to a colon without a backslash; a backslash takes the next character as it is. */
function readPassword(text: string): string {
  const password = /^(?:\\[^]|[^\\:])*\\?/.exec(text)?.[0] ?? "";
  return password.replace(/\\([^])/g, "$1");
}
