import { confirmByName, type Consent, requireConsentPossible } from "./confirm.ts";
import { type Protection, readProtection, removeMark, unprotect } from "./protection.ts";
import type { DatabaseTarget } from "./target.ts";

export interface Unprotected {
  readonly database: string;
  /** The mark that was removed; null when there was none. */
  readonly removed: Protection | null;
  /** What a dry run would execute. */
  readonly sql?: string;
}

/**
 * Removes the mark after the consent that names the database. Without a mark nothing is asked.
 *
 * @throws PgwrightError `confirmation-needed`, `sql-failed`.
 */
export async function unprotectConfirmed(
  target: DatabaseTarget,
  consent: Consent,
  options: { readonly dryRun?: boolean } = {},
): Promise<Unprotected> {
  const { database } = target;
  const command = "pgwright db unprotect";
  if (!options.dryRun) requireConsentPossible(consent, database, command);
  await using session = await target.open({ writes: !options.dryRun, direct: true });
  const mark = await readProtection(session);
  if (options.dryRun) {
    return { database, removed: null, sql: mark === undefined ? "" : `${removeMark};\n` };
  }
  if (mark === undefined) return { database, removed: null };
  const question = `Remove the protection of database ${database}, set by ${mark.protectedBy} on ${mark.protectedAt.slice(0, 10)}?`;
  await confirmByName(consent, database, command, question);
  await unprotect(session);
  return { database, removed: mark };
}
