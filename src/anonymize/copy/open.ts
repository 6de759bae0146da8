/** Sessions of a copy. */
import { PgwrightError } from "../../errors.ts";
import type { Session } from "../../db/session.ts";
import setUp from "./session.sql";

export interface OpenNeed {
  readonly writes: boolean;
  /** Ends connecting, and the statement that runs. */
  readonly signal?: AbortSignal | undefined;
  /** Another database of the same server. */
  readonly database?: string | undefined;
}

/** Opens a session of its own with each call, always on the same server. */
export type Open = (need: OpenNeed) => Promise<Session>;

/**
 * Opens a session that nothing ends for being long or idle, and in which values are written the same
 * everywhere.
 *
 * @throws PgwrightError `pooler-refused`.
 */
export async function openForCopy(open: Open, need: OpenNeed): Promise<Session> {
  const session = await open(need);
  try {
    if (session.server.isPooled) {
      throw new PgwrightError(
        "pooler-refused",
        `a transaction pooler stands before \`${session.server.database}\`, and a copy needs sessions of its own`,
        {
          hint: "name the server itself: `--direct-url` for the source, `--target` for the target",
        },
      );
    }
    await session.query(setUp);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}
