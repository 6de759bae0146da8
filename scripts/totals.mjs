/**
 * Adds up test reports (vitest's JSON, or the matrix's totals), names each test that failed and
 * prints one closing line: whoever reads only the end of a long log sees what it was.
 */
import { readFileSync } from "node:fs";
import { failuresOf } from "./failures.mjs";

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const path of process.argv.slice(2)) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    console.error(`no report in ${path}: ${error.message}`);
    totals.failed += 1;
    continue;
  }
  totals.passed += report.passed ?? report.numPassedTests;
  totals.failed += report.failed ?? report.numFailedTests;
  totals.skipped += report.skipped ?? report.numPendingTests + report.numTodoTests;
  for (const failure of report.failures ?? failuresOf(report)) console.log(`\n${failure}`);
}
if (totals.passed === 0) totals.failed += 1;
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
