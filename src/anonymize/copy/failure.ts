/** What went wrong with a table, in words that hold no row's value. */
import { CopyFailure } from "../../db/copy-pipe.ts";
import { ident } from "../../db/identifier.ts";
import { isPostgresError, type PostgresError } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { CopyTable } from "./table.ts";

const hints: Readonly<Record<string, string>> = {
  "53100": "its disk is full: make room, then run the command again",
  "53200": "it is out of memory",
  "55P03": "another session holds a lock on it: end what reads or writes there",
  "42501": "the role lacks a right there",
  "40001":
    "on a standby, `hot_standby_feedback = on` or a longer `max_standby_streaming_delay` keeps what is read",
  "57014":
    "on a standby, `hot_standby_feedback = on` or a longer `max_standby_streaming_delay` keeps what is read",
};

/** Errors of values: a mask gave what the table does not take. */
const valueErrors = /^(22|23)/;

/**
 * An error of one of the two servers as `copy-failed`; any other one as it is. Detail and context
 * of the server quote rows, so they are not told, nor is the error kept as the cause.
 */
export function describeFailure(table: CopyTable, error: unknown): unknown {
  if (error instanceof CopyFailure) {
    const { side, cause } = error;
    const failed = `the ${side} failed while \`${table.id}\` was copied`;
    // A further session was not to be had, or was lost before it had begun.
    if (cause instanceof PgwrightError) {
      const { sqlstate, notes, hint } = cause.details;
      return new PgwrightError("copy-failed", `${failed}: ${cause.message}`, {
        sqlstate,
        notes,
        hint,
      });
    }
    const sqlstate = isPostgresError(cause) ? cause.code : undefined;
    const isValue = side === "target" && valueErrors.test(sqlstate ?? "");
    return new PgwrightError(
      "copy-failed",
      `${failed}: ${isPostgresError(cause) ? cause.message : `the connection was lost (${cause.message})`}`,
      {
        sqlstate,
        notes: isPostgresError(cause) ? placeOf(table, cause) : [],
        hint: isValue
          ? "a mask gives what this column does not take: correct its rule in policies/masking.yaml"
          : hints[sqlstate ?? ""],
      },
    );
  }
  if (isPostgresError(error)) {
    return new PgwrightError(
      "copy-failed",
      `\`${table.id}\` could not be copied: ${error.message}`,
      {
        sqlstate: error.code,
        hint: hints[error.code],
      },
    );
  }
  return error;
}

/** `COPY users, line 12, column email: "…"`, without the value. */
function placeOf(
  { id }: CopyTable,
  { where, constraint_name: constraint }: PostgresError,
): string[] {
  const [, row, column] =
    /^COPY .*?, line (\d+)(?:, column (.*?)(?:: |$))?/m.exec(where ?? "") ?? [];
  return [
    ...(row === undefined
      ? []
      : [`row ${row} of this part of ${id}${column ? `, column ${ident(column)}` : ""}`]),
    ...(constraint === undefined ? [] : [`constraint ${ident(constraint)}`]),
  ];
}
