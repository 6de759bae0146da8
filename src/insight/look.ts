/** Reading statistics and the catalog beside other people's locks. */
import { lookSafely } from "../db/look.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";

/**
 * `lookSafely`, whose limits are no bugs of ours: a server can be that busy.
 *
 * @throws PgwrightError `lock-timeout` after a second, `sql-failed` when a query takes over 5 s.
 */
export async function look<T>(session: Session, read: () => Promise<T> | T): Promise<T> {
  try {
    return await lookSafely(session, read);
  } catch (error) {
    if (hasSqlState(error, "57014")) {
      throw new PgwrightError(
        "sql-failed",
        "reading statistics or the catalog took longer than 5 s",
        {
          cause: error,
          sqlstate: "57014",
          hint: "nothing was changed; the server is busy: run the same command again at a quieter time",
        },
      );
    }
    if (!hasSqlState(error, "55P03")) throw error;
    throw new PgwrightError(
      "lock-timeout",
      "a relation is locked exclusively, so it cannot be looked at",
      {
        cause: error,
        sqlstate: "55P03",
        hint: "nothing was changed; run the same command again when that is over",
      },
    );
  }
}
