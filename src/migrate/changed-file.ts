/** Applied migrations whose files are no longer what was applied. */
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { compareSql } from "./compare.ts";
import type { MigrationFile } from "./file.ts";
import { loadSections } from "./file.ts";
import type { AppliedMigration } from "./ledger.ts";
import type { LedgerPlace } from "./ledger-place.ts";
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
    notes.push(
      comparison.kind === "cosmetic"
        ? `${file.name}: cosmetic, only comments or white space differ`
        : `${file.name}: semantic, the statements differ`,
      comparison.diff.join("\n"),
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
      hint: `restore the file, and put the change into a new migration; or, if the change is right, accept it with \`pgwright repair checksum ${first.applied.version} --reason "…"\``,
    },
  );
}
