/** Why refreshes failed, and one error for all of them. */
import { isPostgresError } from "../../db/session.ts";
import { errorCatalogue, PgwrightError, type ErrorCode } from "../../errors.ts";
import { serverNotes } from "../../migrate/server-error.ts";
import type { PlannedRefresh } from "./plan-refresh.ts";
import type { RefreshResult } from "./refresh.ts";

export interface Failure {
  readonly code: ErrorCode;
  readonly sqlstate: string | null;
  readonly reason: string;
  readonly hint: string | null;
  readonly notes: readonly string[];
}

/** @throws `error` itself where it is a bug of ours. */
export function describeFailure(error: unknown, { matview, mode }: PlannedRefresh): Failure {
  if (error instanceof PgwrightError) {
    const { hint = null, notes = [], sqlstate = null } = error.details;
    return { code: error.code, sqlstate, reason: error.message, hint, notes };
  }
  if (!isPostgresError(error)) throw error;
  const { code: sqlstate, message: reason } = error;
  const isTwice = sqlstate === "23505" || sqlstate === "21000";
  return {
    code: "refresh-failed",
    sqlstate,
    reason,
    hint: isTwice
      ? `rows of ${matview.view} have become equal in the columns of ${mode === "concurrent" ? `unique index ${matview.key}` : "a unique index"}: mend what it reads, or make it again with another key`
      : sqlstate === "55000"
        ? "refresh what it reads first: `--with-sources`"
        : null,
    // The detail of two equal rows is their values.
    notes: isTwice ? [] : serverNotes(error),
  };
}

/**
 * Does nothing where no view failed.
 *
 * @throws PgwrightError with the code that all failures share, else `refresh-failed`.
 */
export function throwFailed(result: RefreshResult): void {
  const failed = result.views.flatMap(({ view, failure }) => (failure ? [{ view, failure }] : []));
  const [first, ...others] = failed;
  if (!first) return;
  const { code: own } = first.failure;
  const code = others.every(({ failure }) => failure.code === own) ? own : "refresh-failed";
  const hasChanged = result.views.some(({ state }) => state === "refreshed");
  const lines = ({ view, failure }: (typeof failed)[number]) => [
    startsWith(failure.reason, view),
    ...failure.notes.map((note) => `  ${note}`),
    ...(failure.hint === null ? [] : [`  hint: ${failure.hint}`]),
  ];
  throw new PgwrightError(
    code,
    others.length === 0
      ? startsWith(first.failure.reason, first.view)
      : `${failed.length} of ${result.views.length} materialized views could not be refreshed`,
    {
      exit: hasChanged ? 4 : errorCatalogue[code].exit,
      result,
      sqlstate: others.length === 0 ? (first.failure.sqlstate ?? undefined) : undefined,
      hint: others.length === 0 ? (first.failure.hint ?? undefined) : undefined,
      notes: [
        ...(others.length === 0 ? first.failure.notes : failed.flatMap(lines)),
        ...result.views
          .filter(({ failure }) => failure === null)
          .map(({ view, state, reason }) =>
            state === "refreshed"
              ? `refreshed: ${view}`
              : `${state.replace("-", " ")}: ${view}: ${reason}`,
          ),
      ],
    },
  );
}

/** Messages that name the view do not need it twice. */
function startsWith(reason: string, view: string): string {
  return reason.includes(view) ? reason : `${view}: ${reason}`;
}
