/** Safe forms in the log: how a file that was begun in them is known again. */
import { PgwrightError } from "../../errors.ts";
import type { LogEntry } from "../ledger-sql.ts";
import type { Rewriting } from "./rewriting.ts";

/** Number of the entry among those of a section's statements: before the first one. */
export const planNumber = 0;

/** The log entry that a file begins, with what runs in the place of which of its statements. */
export function onlineEntry(
  file: { readonly version: string; readonly name: string; readonly checksum: string },
  rewritings: readonly Rewriting[],
): LogEntry {
  return {
    event: "statement-started",
    direction: "up",
    version: file.version,
    file: file.name,
    statement: planNumber,
    upChecksum: file.checksum,
    upSql: JSON.stringify(rewritings, undefined, 2),
    reason: "online",
  };
}

/**
 * The safe forms of such an entry.
 *
 * @throws PgwrightError `ledger-foreign` for one that this version did not write.
 */
export function readOnline(version: string, text: string): Rewriting[] {
  try {
    return JSON.parse(text) as Rewriting[];
  } catch (cause) {
    throw new PgwrightError(
      "ledger-foreign",
      `the plan that ${version} was begun with is no JSON`,
      {
        cause,
        hint: "that entry of the log was not written by pgwright; nothing was changed",
      },
    );
  }
}
