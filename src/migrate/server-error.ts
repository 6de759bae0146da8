import type { PostgresError } from "../db/session.ts";
import { isPostgresError } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";

/**
 * Runs `work` and turns an error of the server that nobody expected into `sql-failed`: it is the
 * server's, not a bug of ours.
 */
export async function namingServerErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPostgresError(error)) throw error;
    throw new PgwrightError("sql-failed", error.message, {
      cause: error,
      sqlstate: error.code,
      notes: serverNotes(error),
    });
  }
}

/** What the server says besides its message. */
export function serverNotes(error: PostgresError): string[] {
  const notes: string[] = [];
  if (error.detail) notes.push(`detail: ${error.detail}`);
  if (error.hint) notes.push(`server's hint: ${error.hint}`);
  if (error.where) notes.push(`where: ${error.where}`);
  return notes;
}
