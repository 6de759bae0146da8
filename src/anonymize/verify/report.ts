/** The proof as a file: JSON for programs, one HTML page for those who answer for the data. */
import { writeFile } from "node:fs/promises";
import { PgwrightError } from "../../errors.ts";
import { renderPage } from "./page.ts";
import type { Verification } from "./verify.ts";

/**
 * Throws before any work is done.
 *
 * @throws PgwrightError `usage` for a name that does not say which form is wanted.
 */
export function checkReportName(file: string): void {
  if (/\.(html|json)$/i.test(file)) return;
  throw new PgwrightError("usage", `\`${file}\` says nothing of the form of the report`, {
    hint: "end its name in .html or .json",
  });
}

/** @throws PgwrightError `file-unwritable`. */
export async function writeReport(file: string, verification: Verification): Promise<void> {
  const text = /\.html$/i.test(file)
    ? renderPage(verification)
    : `${JSON.stringify(withoutSource(verification), undefined, 2)}\n`;
  try {
    await writeFile(file, text, { mode: 0o644 });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PgwrightError("file-unwritable", `the report ${file} could not be written: ${why}`, {
      cause,
      hint: "the verification itself was done; name another file and run it again",
    });
  }
}

/** The text of the rules' file is for code frames. */
function withoutSource(verification: Verification): object {
  const findings = verification.findings.map(({ source: _source, ...finding }) => finding);
  const { survival, ...rest } = verification;
  const { findings: _all, ...proof } = survival;
  return { ...rest, survival: proof, findings };
}
