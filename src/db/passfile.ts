/** ~/.pgpass: passwords by host, port, database and role. */
import { readFileSync, statSync } from "node:fs";

export interface PasswordEntry {
  /** Host, port, database, role: each a value or `*`. */
  readonly fields: readonly [Field, Field, Field, Field];
  readonly password: string;
}

interface Field {
  readonly text: string;
  readonly isWildcard: boolean;
}

export interface PasswordFile {
  readonly path: string;
  readonly entries: readonly PasswordEntry[];
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
      return { path, entries: [], warning: `the password file ${path} is not a plain file` };
    }
    mode = stat.mode;
  } catch {
    return { path, entries: [] };
  }
  if (platform !== "win32" && (mode & 0o077) !== 0) {
    return {
      path,
      entries: [],
      warning: `the password file ${path} is not used because others can read it; run: chmod 0600 ${path}`,
    };
  }
  try {
    return { path, entries: parsePasswordFile(readFileSync(path, "utf8")) };
  } catch {
    return { path, entries: [], warning: `the password file ${path} cannot be read` };
  }
}

/** Lines `host:port:database:role:password`; a backslash takes the next character as it is. */
export function parsePasswordFile(source: string): PasswordEntry[] {
  const entries: PasswordEntry[] = [];
  for (const line of source.split("\n")) {
    const text = line.replace(/\r$/, "");
    if (text === "" || text.startsWith("#")) continue;
    const fields: Field[] = [];
    let rest = text;
    while (fields.length < 4) {
      const raw = /^((?:\\[^]|[^\\:])*\\?):/.exec(rest);
      if (raw === null) break;
      fields.push({ text: unescape(raw[1] ?? ""), isWildcard: raw[1] === "*" });
      rest = rest.slice(raw[0].length);
    }
    const [host, port, database, role] = fields;
    if (host && port && database && role) {
      entries.push({ fields: [host, port, database, role], password: unescapePassword(rest) });
    }
  }
  return entries;
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, "$1");
}

// libpq reads the password up to an unescaped colon, and further fields are nobody's.
function unescapePassword(text: string): string {
  return unescape(/^(?:\\[^]|[^\\:])*/.exec(text)?.[0] ?? "");
}

/** The password of the first line that matches; "localhost" also stands for the default socket. */
export function findPassword(
  file: PasswordFile,
  host: string,
  port: number,
  database: string,
  role: string,
): string | undefined {
  const name = ["/var/run/postgresql", "/tmp", ""].includes(host) ? "localhost" : host;
  const wanted = [name, String(port), database, role];
  return file.entries.find((entry) =>
    entry.fields.every((field, index) => field.isWildcard || field.text === wanted[index]),
  )?.password;
}
