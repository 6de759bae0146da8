/** Applied migrations whose files are no longer what was applied. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { compareSql } from "./compare.ts";
import type { MigrationFile } from "./file.ts";
import { loadSections } from "./file.ts";
import type { AppliedMigration } from "./ledger.ts";
import { ledgerName, type LedgerPlace } from "./ledger-place.ts";
import { readStoredSql } from "./ledger.ts";

/**
 * Refuses to go on over a changed file: says whether the change matters to PostgreSQL, and shows it.
 *
 * @throws PgwrightError `checksum-mismatch`.
 */
export async function refuseChanged(
  session: Session,
  place: LedgerPlace,
  changed: readonly { readonly applied: AppliedMigration; readonly file: MigrationFile }[],
): Promise<void> {
  const [first] = changed;
  if (!first) return;
  const notes: string[] = [];
  // Files that are what was applied: the recorded checksum is of something else.
  let misrecorded = 0;
  for (const { applied, file } of changed) {
    const stored = await readStoredSql(session, place, applied.version);
    const sections = await loadSections(file);
    if (stored?.up == null) {
      notes.push(
        `${file.name}: the text that was applied is not stored, so nothing can be compared`,
      );
      continue;
    }
    const comparison = await compareSql(stored.up, sections.up.text);
    if (comparison.kind === "same" && file.kind === "code") {
      notes.push(`${file.name}: the code differs, and gives the same SQL as when it was applied`);
      continue;
    }
    if (comparison.kind === "same") {
      misrecorded += 1;
      notes.push(
        `${file.name}: it is the text that was applied; the checksum recorded in ${ledgerName(place)} is not that of this text`,
      );
      continue;
    }
    notes.push(
      comparison.kind === "cosmetic"
        ? `${file.name}: cosmetic, only comments or white space differ`
        : `${file.name}: semantic, the statements differ`,
      comparison.diff.join("\n"),
    );
  }
  const repair = `\`pgwright repair checksum ${first.applied.version} --reason "…"\``;
  if (misrecorded === changed.length) {
    throw new PgwrightError(
      "checksum-mismatch",
      misrecorded === 1
        ? `\`${first.file.name}\` has another checksum than the one recorded, though it has not changed`
        : `${misrecorded} migrations have other checksums than those recorded, though they have not changed`,
      {
        at: { file: first.file.path, line: 1, column: 1 },
        notes,
        hint: `somebody changed what is recorded; ${repair} sets it right`,
      },
    );
  }
  throw new PgwrightError(
    "checksum-mismatch",
    changed.length === 1
      ? `\`${first.file.name}\` has changed since it was applied on ${first.applied.appliedAt.slice(0, 10)}`
      : `${changed.length} migrations have changed since they were applied`,
    {
      at: { file: first.file.path, line: 1, column: 1 },
      notes,
      hint: `restore the file, and put the change into a new migration; or, if the change is right, accept it with ${repair}`,
    },
  );
}
