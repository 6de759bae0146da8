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
      notes: [
        ...(error.detail ? [`detail: ${error.detail}`] : []),
        ...(error.hint ? [`server's hint: ${error.hint}`] : []),
      ],
    });
  }
}
