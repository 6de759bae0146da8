/** Reading a schema that others may be changing. */
import { isPostgresError } from "../db/session.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import beginSnapshot from "./begin.sql";
import readState from "./catalog-state.sql";

const mostTries = 5;

/**
 * Reads in one REPEATABLE READ transaction, and again when the catalogs were changed meanwhile:
 * the texts that PostgreSQL makes of its catalogs (pg_get_viewdef() and its kind) are those of
 * this moment, not of the snapshot, so a column renamed in between would have two names.
 *
 * Locks would prevent that, but they make others wait, need privileges on every table, and there
 * are none for functions.
 *
 * @throws PgwrightError `sql-failed` when the schema changed during every try.
 */
export async function readSteadily<T>(session: Session, read: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const { outcome, before } = await tryOnce(session, read);
    const isSteady = session.isDead || same(before, await readCatalogState(session));
    if (isSteady) {
      if ("error" in outcome) throw outcome.error;
      return outcome.value;
    }
    if (tries === mostTries) {
      throw new PgwrightError("sql-failed", "the schema is being changed while it is read", {
        hint: `nothing was written, ${mostTries} tries; run the command again when the other work is done`,
      });
    }
  }
}

/** What the catalogs hold at this moment: equal states, equal schemas. */
export interface CatalogState {
  readonly count: string;
  readonly sum: string;
}

export async function readCatalogState(session: Session): Promise<CatalogState> {
  return session.one<CatalogState>(readState);
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

async function tryOnce<T>(
  session: Session,
  read: () => Promise<T>,
): Promise<{ outcome: Outcome<T>; before: CatalogState | undefined }> {
  let before: CatalogState | undefined;
  try {
    await session.script(beginSnapshot);
    before = await readCatalogState(session);
    return { outcome: { value: await read() }, before };
  } catch (error) {
    // What went wrong may come of a change in the middle: that is looked at before it is told.
    return { outcome: { error: isPostgresError(error) ? unreadable(error) : error }, before };
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

function same(before: CatalogState | undefined, after: CatalogState): boolean {
  return before === undefined || (before.count === after.count && before.sum === after.sum);
}

function unreadable(error: { code: string; message: string }): PgwrightError {
  return new PgwrightError("sql-failed", `the schema cannot be read: ${error.message}`, {
    sqlstate: error.code,
    hint: "nothing was written",
    cause: error,
  });
}
