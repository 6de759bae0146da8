/** Reading what belongs to tables that somebody may have locked. */
import { lookSafely } from "../db/look.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";

/**
 * `lookSafely` for indexes: pg_get_indexdef() waits for an exclusive lock on the table.
 *
 * @throws PgwrightError `lock-timeout` after a second, `sql-failed` when a query takes over 5 s.
 */
export async function lookPatiently<T>(session: Session, read: () => Promise<T>): Promise<T> {
  try {
    return await lookSafely(session, read);
  } catch (error) {
    if (hasSqlState(error, "57014")) {
      throw new PgwrightError("sql-failed", "reading the catalog took longer than 5 s", {
        cause: error,
        sqlstate: "57014",
        hint: "look at one schema or table at a time (--schema, --table), or at a quieter time",
      });
    }
    if (!hasSqlState(error, "55P03")) throw error;
    throw new PgwrightError(
      "lock-timeout",
      "a table is locked exclusively, so its indexes cannot be read",
      {
        cause: error,
        sqlstate: "55P03",
        hint: "run the same command again when that is over",
      },
    );
  }
}
