import { redact } from "../../db/libpq.ts";
import { PgwrightError } from "../../errors.ts";
import { codeFrame } from "./code-frame.ts";
import type { Style } from "./style.ts";

/** Anything thrown, as a PgwrightError: what is not one already is a bug of ours. */
export function asPgwrightError(error: unknown): PgwrightError {
  if (error instanceof PgwrightError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PgwrightError("internal", message, {
    cause: error,
    hint: "this is a bug in pgwright; please report it with the output of `--verbose`",
  });
}

/** An error for people: code, sentence, place with caret, notes, hint. */
export function renderError(
  error: PgwrightError,
  style: Style,
  options: { readonly isVerbose: boolean; readonly width: number },
): string {
  const { at, source, sqlstate, notes = [], hint } = error.details;
  const lines = [
    `${style.red(style.bold(`error[${error.code}]`))}: ${error.message}` +
      (sqlstate ? ` ${style.dim(`(${sqlstate})`)}` : ""),
  ];
  if (at) lines.push(`  ${style.dim("→")} ${at.file}:${at.line}:${at.column}`);
  if (at && source !== undefined) lines.push(codeFrame(source, at, style, options.width));
  for (const note of notes) lines.push(...note.split("\n").map((line) => `  ${line}`));
  if (hint !== undefined)
    lines.push(`  ${style.cyan("hint:")} ${hint.replaceAll("\n", "\n        ")}`);
  if (options.isVerbose) lines.push(style.dim(stackOf(error)));
  return lines.join("\n");
}

function stackOf(error: Error): string {
  const own = error.stack ?? "";
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}

/** An error for programs. */
export function errorToJson(error: PgwrightError): object {
  const { at, sqlstate, notes, hint } = error.details;
  return {
    code: error.code,
    message: redact(error.message),
    ...(sqlstate === undefined ? {} : { sqlstate }),
    ...(at === undefined ? {} : { at }),
    ...(notes === undefined ? {} : { notes: notes.map(redact) }),
    ...(hint === undefined ? {} : { hint: redact(hint) }),
  };
}
