/** A failed run in words: file, line, caret, and what was and was not done. */
import type { PostgresError } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import { positionToLocation } from "../db/place.ts";
import type { Location } from "../errors.ts";
import { PgwrightError } from "../errors.ts";
import type { MigrationFile, RepeatableFile } from "./file.ts";
import { locate } from "./file.ts";
import { firstLine } from "./journal.ts";
import { originalOf } from "./online/rewriting.ts";
import type { SectionFailure } from "./run-section.ts";
import type { Section } from "./section.ts";
import { serverNotes } from "./server-error.ts";

/** What a run has committed and what it has not begun, when a file of it failed. */
export interface RunState {
  readonly direction: "up" | "down";
  /** Files that were finished before this one, in this run. */
  readonly finished: readonly string[];
  readonly notAttempted: readonly string[];
  /** Transactions committed so far: exit 3 promises that there are none. */
  readonly committed: number;
  /** What `--statement-timeout` is in this run; 0 is no limit. */
  readonly statementTimeoutMs: number;
  /** Becomes part of the JSON. */
  readonly result: object;
}

interface Failed {
  readonly title: string;
  /** Undefined for stored SQL. */
  readonly file: MigrationFile | RepeatableFile | undefined;
  readonly section: Section;
}

/** The error to show for a section that failed in the middle. */
export function describeFailure(failure: SectionFailure, failed: Failed, state: RunState): unknown {
  const { error } = failure;
  const { title } = failed;
  const place = placeOf(failure, failed, state);
  const kept = keptNote(failure, title);
  if (isPostgresError(error)) {
    return withState(
      new PgwrightError("sql-failed", error.message, {
        cause: error,
        sqlstate: error.code,
        ...place,
        notes: [...serverNotes(error), ...onlineNote(failure), kept],
        hint: cancelledStep(error, state) ?? nextStep(failure, title, place.at, state),
      }),
      state,
    );
  }
  if (!(error instanceof PgwrightError)) return error;
  const { details } = error;
  switch (error.code) {
    case "interrupted":
      return withState(
        new PgwrightError("interrupted", `interrupted in ${title}`, {
          ...details,
          notes: [kept],
          hint: `\`pgwright ${commandOf(state)}\` goes on from there`,
        }),
        state,
      );
    case "connection-lost":
      return withState(
        new PgwrightError("connection-lost", `${error.message}, in ${title}`, {
          ...details,
          notes: [
            `of ${title}, ${failure.kept} of ${failure.total} statements are known to be done; what was sent last was rolled back unless its COMMIT had arrived`,
          ],
          hint: `run \`pgwright ${commandOf(state)}\` again: it goes on where the database is`,
        }),
        state,
      );
    case "view-in-the-way":
      return withState(
        new PgwrightError(error.code, error.message, {
          ...details,
          ...place,
          notes: [kept],
          hint: `${details.hint}; then \`pgwright ${commandOf(state)}\` again`,
        }),
        state,
      );
    case "backfill-refused":
      return withState(
        new PgwrightError(error.code, error.message, {
          ...details,
          ...place,
          notes: [kept],
        }),
        state,
      );
    case "lock-timeout":
      return withState(
        new PgwrightError("lock-timeout", error.message, {
          ...details,
          ...place,
          notes: [
            ...(failure.statement ? [`the statement: ${firstLine(failure.statement.text)}`] : []),
            ...(details.notes ?? []),
            kept,
          ],
        }),
        state,
      );
    default:
      return withState(error, state);
  }
}

/**
 * Any error of a run, with what the run had done and the right exit: 3 promises that nothing was
 * committed, so it becomes 4 as soon as something was.
 */
export function withState(error: unknown, state: RunState): unknown {
  if (!(error instanceof PgwrightError)) return error;
  const { finished, notAttempted, committed } = state;
  const done = state.direction === "up" ? "applied" : "rolled back";
  return new PgwrightError(error.code, error.message, {
    ...error.details,
    notes: [
      ...(error.details.notes ?? []),
      `${done} before it in this run: ${finished.length === 0 ? "nothing" : finished.join(", ")}`,
      ...(notAttempted.length === 0 ? [] : [`not attempted: ${notAttempted.join(", ")}`]),
    ],
    result: error.details.result ?? state.result,
    exit: error.exit === 3 && committed > 0 ? 4 : error.details.exit,
  });
}

/** Where in the file, or in generated or stored SQL, the statement stands. */
function placeOf(
  { statement, at }: SectionFailure,
  { title, file, section }: Failed,
  state: RunState,
): { at?: Location; source?: string } {
  if (!statement) return {};
  // What the server says of a safe form has no place in the file but the statement's.
  const offset = statement.start + (originalOf(statement) ? 0 : (at?.offset ?? 0));
  const inFile = file && locate(file, section, offset);
  if (file && inFile) return { at: inFile, source: file.text };
  const inText = positionToLocation(section.text, offset);
  return { at: { file: `${title} (${state.direction} SQL)`, ...inText }, source: section.text };
}

/** Which part of a safe form it was: the file does not have it. */
function onlineNote({ statement }: SectionFailure): string[] {
  return statement && originalOf(statement)
    ? [`what ran in the place of this statement: ${statement.text}`]
    : [];
}

function keptNote(failure: SectionFailure, title: string): string {
  const { kept, total, isOnline, at } = failure;
  const left = batchesNote(failure, title) ?? failure.left;
  if (kept === 0) return left ?? `nothing of ${title} was kept`;
  const done = kept === 1 ? "statement 1" : `statements 1 to ${kept}`;
  if (kept === total)
    return `all ${total} statements of ${title} are done and stay; only recording it failed`;
  const failed = at?.index === undefined ? "" : `; statement ${kept + 1 + at.index} failed`;
  const isDone = kept === 1 ? "is done and stays" : "are done and stay";
  const run = isOnline ? "that run online for" : "of";
  return `${done} of ${total} ${run} ${title} ${isDone}${failed}${left === undefined ? "" : `; ${left}`}`;
}

function batchesNote({ batches: done }: SectionFailure, title: string): string | undefined {
  if (done === undefined) return undefined;
  const { batches, rows } = done;
  const stay = batches === 1 ? "1 batch" : `${batches} batches`;
  return `${stay} of the backfill in ${title} ${batches === 1 ? "is" : "are"} committed and ${batches === 1 ? "stays" : "stay"}, ${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"} changed`;
}

/**
 * The hint for a statement that was cancelled, which is nothing to correct in the file. The server
 * tells a timeout from a cancel request by its words only, and these may be in another language.
 */
function cancelledStep(error: PostgresError, state: RunState): string | undefined {
  if (error.code !== "57014") return undefined;
  const limitMs = state.statementTimeoutMs;
  const again = `run \`pgwright ${commandOf(state)}\` again`;
  const isTimeout = error.message.includes("statement timeout");
  if (limitMs === 0) {
    return isTimeout
      ? `--statement-timeout is not set, so it was set in the migration itself: raise it there, and ${again}`
      : `somebody cancelled it (pg_cancel_backend): ${again}`;
  }
  return `--statement-timeout is ${limitMs < 1000 ? `${limitMs} ms` : `${limitMs / 1000} s`}: ${again} with a longer one, or with 0 for no limit${isTimeout ? "" : ", unless somebody cancelled it"}`;
}

function nextStep(
  failure: SectionFailure,
  title: string,
  at: Location | undefined,
  state: RunState,
): string {
  const command = commandOf(state);
  if (failure.lost) {
    return `what \`${firstLine(failure.lost.text)}\` made is gone with this run: finish or undo ${title} by hand, then say so with \`pgwright repair\``;
  }
  if (failure.batches) {
    return `correct the cause in the database, and run \`pgwright ${command}\` again: it goes on behind the last batch`;
  }
  if (failure.isOnline && failure.kept > 0) {
    const file = at === undefined ? title : `${title} from line ${at.line} on`;
    const cause = failure.statement && originalOf(failure.statement) ? "" : `, or in ${file}`;
    return `correct the cause in the database${cause}, and run \`pgwright ${command}\` again: it goes on there`;
  }
  return failure.kept === 0
    ? `correct ${title} and run \`pgwright ${command}\` again`
    : `correct the cause, in the database or in ${title} behind statement ${failure.kept}, and run \`pgwright ${command}\` again: it goes on with statement ${failure.kept + 1}`;
}

function commandOf(state: RunState): string {
  return state.direction === "up" ? "migrate" : "rollback";
}
