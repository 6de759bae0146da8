/** A failed statement in words: file, line, caret, and what was and was not done. */
import type { PostgresError } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import { positionToLocation } from "../db/place.ts";
import { PgwrightError } from "../errors.ts";
import type { MigrationFile, RepeatableFile } from "./file.ts";
import { locate } from "./file.ts";
import type { SectionFailure } from "./run-section.ts";
import type { Section } from "./section.ts";

/** How far the run had come when it failed. */
export interface RunState {
  /** Files that were finished before this one, in this run. */
  readonly finished: readonly string[];
  readonly notAttempted: readonly string[];
  readonly direction: "up" | "down";
  readonly result: object;
}

/** The error to show for a failed section. */
export function describeFailure(
  failure: SectionFailure,
  file: MigrationFile | RepeatableFile | undefined,
  section: Section,
  title: string,
  state: RunState,
): unknown {
  const { error, statement, at } = failure;
  if (!isPostgresError(error)) return error;
  const offset = statement ? statement.start + (at?.offset ?? 0) : undefined;
  const inFile = file && offset !== undefined ? locate(file, section, offset) : undefined;
  // Generated or stored SQL has no file: the place is one in the printed text.
  const inText =
    inFile === undefined && offset !== undefined
      ? { file: `${title} (${state.direction} SQL)`, ...positionToLocation(section.text, offset) }
      : undefined;
  return new PgwrightError("sql-failed", error.message, {
    cause: error,
    sqlstate: error.code,
    at: inFile ?? inText,
    source: inFile && file ? file.text : inText ? section.text : undefined,
    notes: [...serverNotes(error), ...progressNotes(failure, title, state)],
    hint: nextStep(failure, title, state),
    result: state.result,
  });
}

function serverNotes(error: PostgresError): string[] {
  const notes: string[] = [];
  if (error.detail) notes.push(`detail: ${error.detail}`);
  if (error.hint) notes.push(`server's hint: ${error.hint}`);
  if (error.where) notes.push(`where: ${error.where}`);
  return notes;
}

function progressNotes(failure: SectionFailure, title: string, state: RunState): string[] {
  const done = state.direction === "up" ? "applied" : "rolled back";
  const notes = [
    failure.kept === 0
      ? `nothing of ${title} was kept: its transaction was rolled back`
      : `of ${title}, statements 1 to ${failure.kept} of ${failure.total} are done and stay; statement ${failure.kept + 1} failed`,
  ];
  notes.push(
    state.finished.length === 0
      ? `${done} before it in this run: nothing`
      : `${done} before it in this run: ${state.finished.join(", ")}`,
  );
  if (state.notAttempted.length > 0) notes.push(`not attempted: ${state.notAttempted.join(", ")}`);
  return notes;
}

function nextStep(failure: SectionFailure, title: string, state: RunState): string {
  const command = state.direction === "up" ? "pgwright migrate" : "pgwright rollback";
  return failure.kept === 0
    ? `correct ${title} and run \`${command}\` again`
    : `remove the cause and run \`${command}\` again: it goes on with statement ${failure.kept + 1}`;
}

/**
 * Any error of a run, with what the run had done and the right exit: 3 promises that nothing was
 * committed, so it becomes 4 as soon as something was.
 */
export function withState(error: unknown, committed: number, result: object): unknown {
  if (!(error instanceof PgwrightError)) return error;
  return new PgwrightError(error.code, error.message, {
    ...error.details,
    result: error.details.result ?? result,
    cause: error.cause,
    exit: error.exit === 3 && committed > 0 ? 4 : error.details.exit,
  });
}
