/** The SQL files of `policies/`: roles.sql and rls/*.sql, parsed and never executed as they stand. */
import { isUtf8 } from "node:buffer";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ScriptError, loadParser, parseScript } from "../db/script.ts";
import type { Statement } from "../db/script.ts";
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";

/** One statement of `policies/`, with the file it stands in. */
export interface PolicyStatement extends Statement {
  readonly at: Location;
  /** The text of the whole file, for a code frame. */
  readonly source: string;
}

/**
 * Reads roles.sql and then rls/*.sql by name. A file that does not parse is a finding with its
 * place; the statements of the others are given back all the same.
 *
 * @throws PgwrightError `policies-unreadable` when the directory is there and cannot be read.
 */
export async function readPolicySql(
  directory: string,
): Promise<{ statements: PolicyStatement[]; findings: Finding[] }> {
  await loadParser();
  const statements: PolicyStatement[] = [];
  const findings: Finding[] = [];
  for (const path of await listSqlFiles(directory)) {
    const source = await readPolicyFile(path);
    if (source === undefined) continue;
    try {
      for (const statement of parseScript(source)) {
        const { line, column } = statement;
        statements.push({ ...statement, at: { file: path, line, column }, source });
      }
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error;
      const { line, column, message } = error;
      findings.push({
        rule: "policies/syntax-error",
        severity: "error",
        message,
        at: { file: path, line, column },
        source,
      });
    }
  }
  return { statements, findings };
}

async function listSqlFiles(directory: string): Promise<string[]> {
  const folder = join(directory, "rls");
  let names: string[] = [];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (!isMissing(error)) throw unreadable(folder, error);
  }
  return [
    join(directory, "roles.sql"),
    ...names
      .filter((name) => name.endsWith(".sql"))
      .toSorted()
      .map((name) => join(folder, name)),
  ];
}

/**
 * The text of a file of `policies/` with its line ends normalised; undefined where there is none.
 *
 * @throws PgwrightError `policies-unreadable`.
 */
export async function readPolicyFile(path: string): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
  if (!isUtf8(bytes)) throw notUtf8(path, bytes);
  return bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n");
}

/** The parser would call it a syntax error somewhere, or read other names than were written. */
function notUtf8(path: string, bytes: Buffer): PgwrightError {
  const isUtf16 = [0xfeff, 0xfffe].includes(bytes.length > 1 ? bytes.readUInt16BE(0) : 0);
  const offset = isUtf16 ? 0 : findInvalid(bytes);
  const before = bytes.subarray(0, offset).toString("utf8");
  const line = before.split("\n").length;
  const column = Array.from(before.slice(before.lastIndexOf("\n") + 1)).length + 1;
  const byte = `0x${(bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, "0")}`;
  return new PgwrightError(
    "policies-unreadable",
    `${path} is ${isUtf16 ? "UTF-16" : `not UTF-8: byte ${offset}, ${byte}, begins no character`}`,
    {
      at: { file: path, line, column },
      hint: "save it as UTF-8 (`iconv -f LATIN1 -t UTF-8` where it is Latin-1); nothing was read from it",
    },
  );
}

/** Offset of the first byte that does not belong to a whole character. */
function findInvalid(bytes: Buffer): number {
  // What is valid comes out of the decoder as it went in.
  const decoded = Buffer.from(bytes.toString("utf8"));
  let offset = bytes.findIndex((byte, i) => byte !== decoded[i]);
  // A character that was begun may agree with the beginning of U+FFFD.
  while (!isUtf8(bytes.subarray(0, offset))) offset -= 1;
  return offset;
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function unreadable(path: string, cause: unknown): PgwrightError {
  const { code } = cause as NodeJS.ErrnoException;
  return new PgwrightError("policies-unreadable", `${path} cannot be read (${code ?? "unknown"})`, {
    cause,
    hint: "make it readable, or name another directory as `policies.directory` in pgwright.yaml",
  });
}

/** A mistake in a statement of `policies/`. */
export function mistake(
  statement: PolicyStatement,
  rule: string,
  message: string,
  hint?: string,
): Finding {
  const { at, source } = statement;
  return { rule: `policies/${rule}`, severity: "error", message, hint, at, source };
}
