/**
 * `npm run test:matrix`: the integration tests on PostgreSQL 15, 16, 17 and 18, whose binaries come
 * from npm (test/servers). What does not depend on the server's version
 * (the command line, the embedded server) is left out. `--only 15,16` takes some of the versions, `--totals FILE` also writes the
 * totals as JSON, and what follows `--` is handed to vitest. Ends with what failed and the totals of all runs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failuresOf } from "./failures.mjs";

const chosen = process.argv.indexOf("--only");
const versions = chosen < 0 ? [15, 16, 17, 18] : process.argv[chosen + 1].split(",").map(Number);
const end = process.argv.indexOf("--");
const handed = end < 0 ? [] : process.argv.slice(end + 1);
const folder = mkdtempSync(join(tmpdir(), "pgwright-matrix-"));
const totals = { passed: 0, failed: 0, skipped: 0, failures: [] };

execute("npm", ["ci", "--prefix", "test/servers", "--ignore-scripts", "--no-audit", "--no-fund"]);
execute("npm", ["run", "--silent", "build"]);
for (const version of versions) {
  console.log(`\n── PostgreSQL ${version} ──`);
  const report = join(folder, `${version}.json`);
  const { status } = spawnSync(
    "npx",
    [
      "vitest",
      "run",
      "--project",
      "integration",
      "--exclude=test/e2e/**",
      "--exclude=test/integration/embedded.test.ts",
      ...handed,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
    ],
    { stdio: "inherit", env: { ...process.env, PGWRIGHT_TEST_VERSION: String(version) } },
  );
  const result = JSON.parse(readFileSync(report, "utf8"));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  totals.failures.push(...failuresOf(result, `on ${version}: `));
  if (status !== 0) process.exitCode = 1;
}
rmSync(folder, { recursive: true });
const totalsFile = process.argv.indexOf("--totals");
if (totalsFile >= 0) writeFileSync(process.argv[totalsFile + 1], JSON.stringify(totals));
if (totals.failures.length > 0) console.log(`\n${totals.failures.join("\n\n")}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);

function execute(program, args) {
  const { status } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
