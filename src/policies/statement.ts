/** The SQL files of `policies/`: roles.sql and rls/*.sql, parsed and never executed as they stand. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { readTextFile } from "../config/text-file.ts";
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
  try {
    const text = await readTextFile(path, path, "policies-unreadable");
    return text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  } catch (error) {
    if (error instanceof PgwrightError) throw error;
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  }
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
