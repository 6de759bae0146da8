/** Why an undo that was planned could not be run. */
import type { Session } from "../../db/session.ts";
import { hasSqlState, isPostgresError } from "../../db/session.ts";
import { qualified } from "../../db/identifier.ts";
import { lockTimeout } from "../../db/retry.ts";
import { PgwrightError } from "../../errors.ts";
import type { EntryFilter } from "./entries.ts";
import { beginReading, findLog, readEntries } from "./entries.ts";
import listLater from "./later.sql";

interface Undone {
  readonly filter: EntryFilter;
  readonly log: string;
  readonly role: string | undefined;
  /** What the plan says of columns that are no longer there. */
  readonly notes: readonly string[];
}

/** The error to throw instead; the transaction is over. */
export async function explainFailure(
  session: Session,
  error: unknown,
  undone: Undone,
): Promise<unknown> {
  if (hasSqlState(error, "55P03")) {
    return lockTimeout("the rows to undo are locked by others", [], error);
  }
  if (!isPostgresError(error)) return error;
  // 42703: a trigger function was written for columns that the row no longer has.
  if (error.code === "42703") {
    return new PgwrightError("undo-refused", `a trigger failed: ${error.message}`, {
      cause: error,
      sqlstate: error.code,
      notes: [...undone.notes, "nothing was changed"],
      hint: "a column was renamed or dropped without its triggers; `pgwright policies plan` shows what the audit's own need",
    });
  }
  // 23xxx: a row of somebody else has the unique value, or a reference misses its row.
  if (!error.code.startsWith("23")) return error;
  const later = session.isDead ? [] : await findLater(session, undone);
  return new PgwrightError("undo-refused", `the rows do not fit: ${error.message}`, {
    cause: error,
    sqlstate: error.code,
    notes: [
      ...(error.detail ? [error.detail] : []),
      ...later.map(({ xid, tables }) => `transaction ${xid} changed ${tables} later`),
      "nothing was changed",
    ],
    hint:
      later.length > 0
        ? "undo the later changes first (`pgwright audit log` shows them)"
        : "no later change of these tables is in the log: a table that is not audited, or a trigger, stands against it; --dry-run prints the SQL to work from by hand",
  });
}

/** Transactions that changed the same tables afterwards, the first few. */
async function findLater(
  session: Session,
  { filter, log: name, role }: Undone,
): Promise<{ xid: string; tables: string }[]> {
  await beginReading(session, role, ["set transaction read only"]);
  try {
    const log = await findLog(session, name);
    const entries = await readEntries(session, log, filter);
    const [newest] = entries;
    if (!newest) return [];
    const text = listLater.replace(
      "from shared.audit_log e",
      `from ${qualified(log.schema, log.name)} e`,
    );
    const tables = [...new Set(entries.map(({ table }) => table))];
    return await session.query(text, [
      JSON.stringify(tables),
      newest.seq,
      JSON.stringify([...new Set(entries.map(({ xid }) => xid))]),
      newest.at,
    ]);
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}
