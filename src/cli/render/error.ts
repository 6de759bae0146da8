import { redact } from "../../db/redact.ts";
import { PgwrightError } from "../../errors.ts";
import { version } from "../../version.ts";
import { codeFrame } from "./code-frame.ts";
import { seenFrom } from "./place.ts";
import type { Style } from "./style.ts";
import { visible, wrapProse } from "./text.ts";

/** Anything thrown, as a PgwrightError: what is not one already is a bug of ours. */
export function asPgwrightError(error: unknown, isInterrupted = false): PgwrightError {
  if (error instanceof PgwrightError) return error;
  // Disposing failed after the work had: what went wrong first is what is told.
  if (error instanceof Error && error.name === "SuppressedError" && "suppressed" in error) {
    return asPgwrightError(error.suppressed, isInterrupted);
  }
  if (isInterrupted && error instanceof Error && error.name === "AbortError") {
    return new PgwrightError("interrupted", "interrupted", { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new PgwrightError("internal", message, { cause: error });
}

/** The error with its place as seen from a directory, and what every error of its code says. */
export function prepareError(error: PgwrightError, directory: string): PgwrightError {
  const { at } = error.details;
  const details = {
    ...error.details,
    ...(at === undefined ? {} : { at: seenFrom(directory, at) }),
    ...(error.code === "internal" ? bug(error) : {}),
  };
  const prepared = new PgwrightError(error.code, error.message, details);
  if (error.stack !== undefined) prepared.stack = error.stack;
  return prepared;
}

function bug({ details }: PgwrightError) {
  const runtime = `pgwright ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}`;
  return {
    hint: details.hint ?? "this is a bug in pgwright; please report it with what --verbose prints",
    notes: [...(details.notes ?? []), runtime],
  };
}

/** An error for people: code, sentence, place with caret, notes, hint. */
export function renderError(
  error: PgwrightError,
  style: Style,
  options: { readonly isVerbose: boolean; readonly width: number; readonly isTerminal: boolean },
): string {
  const { at, source, sqlstate, notes = [], hint } = error.details;
  const prose = (text: string, indent: number) =>
    wrapProse(text, options.isTerminal ? options.width : Infinity, indent);
  const message = visible(error.message);
  const name = style.red(style.bold(`error[${error.code}]`));
  const lines = [
    prose(`${name}: ${message}${sqlstate ? ` ${style.dim(`(${sqlstate})`)}` : ""}`, 2),
  ];
  if (at) lines.push(`  ${style.dim("→")} ${visible(at.file)}:${at.line}:${at.column}`);
  if (at && source !== undefined) lines.push(codeFrame(source, at, style, options.width));
  for (const note of notes)
    lines.push(
      ...visible(note)
        .split("\n")
        .map((line) => `  ${line}`),
    );
  if (hint !== undefined) lines.push(prose(`  ${style.cyan("hint:")} ${visible(hint)}`, 8));
  if (options.isVerbose) lines.push(style.dim(visible(stackOf(error))));
  return lines.join("\n");
}

function stackOf(error: Error): string {
  const own = error.stack ?? "";
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}

/** An error for programs. */
export function errorToJson(error: PgwrightError, isVerbose: boolean): object {
  const { at, sqlstate, notes, hint } = error.details;
  return {
    code: error.code,
    message: redact(error.message),
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...(at === undefined ? {} : { at }),
    ...(notes === undefined ? {} : { notes: notes.map(redact) }),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
    ...(isVerbose ? { stack: redact(stackOf(error)) } : {}),
  };
}
