/** Mistakes in pgwright.yaml, `.env`, variables and flags, collected and reported together. */
import { relative } from "node:path";
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";

export interface Mistake {
  /** Absent for a flag or variable, which the message names. */
  readonly at?: Location | undefined;
  readonly message: string;
}

/**
 * Reports all mistakes in one error, a line each; without a mistake it does nothing.
 * It never shows the line itself, which may hold a password.
 */
export function throwMistakes(mistakes: readonly Mistake[]): void {
  const [first] = mistakes;
  if (first === undefined) return;
  if (mistakes.length === 1) {
    throw new PgwrightError("config-invalid", first.message, { at: first.at });
  }
  const files = new Set(mistakes.map((mistake) => mistake.at?.file));
  const where = files.size === 1 ? (first.at?.file ?? "the command line") : "the configuration";
  throw new PgwrightError("config-invalid", `${where} has ${mistakes.length} mistakes`, {
    notes: mistakes.map(({ at, message }) =>
      at === undefined ? message : `${at.file}:${at.line}:${at.column} ${message}`,
    ),
  });
}

/** The place of a UTF-16 offset in a text. */
export function locate(file: string, source: string, offset: number): Location {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return { file, line, column: Array.from(before.slice(lineStart)).length + 1 };
}

/** A path as the user would type it from where they stand. */
export function shownPath(workingDirectory: string, path: string): string {
  const short = relative(workingDirectory, path);
  return short !== "" && short.length < path.length ? short : path;
}
