import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";

/**
 * A server's error as one of ours, with its detail and hint; any other error as it is.
 * `what` says what could not be done. The server's own hint wins over the given one.
 */
export function describeRefusal(
  error: unknown,
  what: string,
  more: { readonly hint?: string } = {},
): unknown {
  if (!isPostgresError(error)) return error;
  const isDenied = error.code === "42501";
  return new PgwrightError("sql-failed", `${what}: ${error.message}`, {
    cause: error,
    sqlstate: error.code,
    notes: error.detail === undefined ? undefined : [error.detail],
    hint: error.hint ?? (isDenied ? more.hint : undefined),
  });
}
