/** Mistakes in the files, which are told before anything is done. */
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";

/**
 * What a part finds out about a table (a secret that is not masked) is not among the mistakes: the
 * part leaves that table out, and the others are brought about.
 *
 * @throws PgwrightError `policies-invalid` when a mistake in the files is among the findings.
 */
export function refuseMistakes(findings: readonly Finding[]): void {
  const mistakes = findings
    .filter(({ severity, at }) => severity === "error" && at !== undefined)
    .filter(({ rule }) => /^policies\/|\/file$|^audit\/log-granted$/.test(rule))
    .toSorted(byPlace);
  const [first, ...others] = mistakes;
  if (!first) return;
  throw new PgwrightError("policies-invalid", first.message, {
    at: first.at,
    source: first.source,
    notes: others.map(
      ({ at, message }) => `also ${at ? `${at.file}:${at.line}:${at.column}: ` : ""}${message}`,
    ),
    hint: `${first.hint ? `${first.hint}\n` : ""}nothing was changed; \`pgwright policies check\` shows every finding`,
  });
}

function byPlace({ at: one }: Finding, { at: other }: Finding): number {
  if (!one || !other) return 0;
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column;
}
