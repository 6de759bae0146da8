/** Prints what a run ends with, once, in the format asked for. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import type { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { CommandDefinition } from "./command.ts";
import type { DatabaseName } from "./connection.ts";
import type { OutputFormat } from "./options.ts";
import { errorToJson, prepareError, renderError } from "./render/error.ts";
import { findingToJson } from "./render/findings.ts";
import { withPlaceSeenFrom } from "./render/place.ts";
import { hintWithPlace, repeatPlace } from "./repeat.ts";
import type { Terminal } from "./terminal.ts";

export interface Output {
  readonly terminal: Terminal;
  readonly format: OutputFormat;
  readonly isVerbose: boolean;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Options that chose the database, repeated in every command that is suggested. */
  readonly place: readonly string[];
}

/** What every JSON object begins with. */
export interface Head {
  /** The words after `pgwright`; null where they name no command. */
  readonly command: string | null;
  readonly database?: DatabaseName | undefined;
}

/** The result of a command, with the problems it found. */
export async function printResult(
  output: Output,
  head: Head,
  definition: CommandDefinition,
  result: object,
  { exit, options }: { readonly exit: number; readonly options: object },
): Promise<void> {
  const { terminal, format, workingDirectory, environment } = output;
  const isForReview = format === "github" || format === "sarif";
  const annotations = isForReview ? (definition.annotations?.(result) ?? []) : [];
  const findings = [...annotations, ...(definition.findings?.(result) ?? [])].map((finding) => ({
    ...withPlaceSeenFrom(workingDirectory, finding),
    ...(finding.hint === undefined ? {} : { hint: hintWithPlace(finding.hint, output.place) }),
  }));
  if (format === "json") {
    const shown = withoutFindings(result, definition);
    const body = { result: shown, findings: findings.map(findingToJson) };
    terminal.out(toJson({ ...head, ok: exit === 0, exitCode: exit, ...body }));
    return;
  }
  if (format === "sarif") {
    const { renderSarif } = await import("./render/sarif.ts");
    const seen = findings.map((finding) => asGithubSees(output, finding));
    terminal.out(renderSarif(seen, (await definition.ruleTexts?.()) ?? []));
    return;
  }
  const { createView } = await import("./render/view.ts");
  const { outStyle, outWidth, isOutTerminal } = terminal;
  const view = createView(outStyle, outWidth, output.isVerbose, isOutTerminal, output.place);
  const text = definition.text(result, view, options);
  terminal.out(text);
  if (findings.length === 0) return;
  if (format === "github") {
    const { renderAnnotations, renderSummary } = await import("./render/github.ts");
    const seen = findings.map((finding) => asGithubSees(output, finding));
    terminal.command(renderAnnotations(seen));
    const file = environment["GITHUB_STEP_SUMMARY"];
    if (file) await summarize(terminal, file, renderSummary(definition.path, seen));
  } else {
    const { renderFindings } = await import("./render/findings.ts");
    terminal.out(`${text === "" ? "" : "\n"}${renderFindings(findings, view)}`);
  }
}

export async function printError(
  output: Output,
  head: Head,
  error: PgwrightError,
  exit: number,
): Promise<void> {
  const { terminal, format, isVerbose, workingDirectory } = output;
  const prepared = prepareError(repeatPlace(error, output.place), workingDirectory);
  const { result } = error.details;
  // One object is all that stdout gets, also when something goes wrong after it.
  if (format === "json" && !terminal.hasWritten) {
    const body = {
      ...(result === undefined ? {} : { result }),
      error: errorToJson(prepared, isVerbose),
    };
    terminal.out(toJson({ ...head, ok: false, exitCode: exit, ...body }));
    return;
  }
  if (format === "github") {
    const { renderErrorAnnotation } = await import("./render/github.ts");
    const { at } = asGithubSees(output, error.details);
    terminal.command(renderErrorAnnotation(prepared, at));
  }
  const { errWidth: width, isErrTerminal: isTerminal } = terminal;
  terminal.err(renderError(prepared, terminal.errStyle, { isVerbose, width, isTerminal }));
}

export async function printHelp(
  output: Output,
  head: Head,
  command: CommandUnknownOpts,
): Promise<void> {
  const { renderHelp, helpToJson } = await import("./render/help.ts");
  output.terminal.out(
    output.format === "json"
      ? toJson({ ...head, ok: true, exitCode: 0, result: helpToJson(command) })
      : renderHelp(command, output.terminal.helpWidth),
  );
}

/** Help where a command was expected: a script that has lost its arguments gets nothing on stdout. */
export async function printHelpAsError(
  { terminal }: Output,
  command: CommandUnknownOpts,
): Promise<void> {
  const { renderHelp } = await import("./render/help.ts");
  terminal.err(renderHelp(command, terminal.errWidth));
}

export function printVersion({ terminal, format }: Output, head: Head, version: string): void {
  terminal.out(
    format === "json"
      ? toJson({ ...head, ok: true, exitCode: 0, result: { version } })
      : `pgwright ${version}`,
  );
}

/** The findings stand beside the result in the JSON, not also inside it. */
function withoutFindings(result: object, definition: CommandDefinition): object {
  if (definition.findings === undefined) return result;
  const { findings: _findings, ...rest } = result as { findings?: readonly Finding[] };
  return rest;
}

function toJson(body: object): string {
  return JSON.stringify(
    body,
    (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value),
    2,
  );
}

/** GitHub reads the paths of annotations from the top of the checkout, wherever the job stands. */
function asGithubSees<T extends Pick<Finding, "at">>(output: Output, thing: T): T {
  const top = output.environment["GITHUB_WORKSPACE"];
  if (!top || thing.at === undefined) return withPlaceSeenFrom(output.workingDirectory, thing);
  const file = resolve(output.workingDirectory, thing.at.file);
  return withPlaceSeenFrom(top, { ...thing, at: { ...thing.at, file } });
}

/** A summary that cannot be written is no reason to call the check itself a failure. */
async function summarize(terminal: Terminal, file: string, text: string): Promise<void> {
  try {
    appendFileSync(file, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    terminal.err(`${terminal.errStyle.yellow("warning:")} no step summary: ${reason}`);
  }
}
