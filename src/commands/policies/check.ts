import { defineCommand } from "../../cli/command.ts";
import type { Finding } from "../../findings.ts";

interface CheckResult {
  readonly isAsDeclared: boolean;
  readonly findings: readonly Finding[];
}

export const policiesCheck = defineCommand({
  path: "policies check",
  summary: "Exit 1 unless the database is exactly as policies/ declares",
  description:
    "Finds what is missing, what differs and what only the database has, and what is unwise in the policies themselves. Changes nothing.",
  examples: [
    { run: "pgwright policies check", says: "for CI and for a nightly job" },
    { run: "pgwright policies check --format github", says: "annotate the pull request" },
  ],
  configure: (command) => command,
  async run(context): Promise<CheckResult> {
    const { settings } = await context.config();
    const { readPolicies, requireDirectory } = await import("../../policies/policies.ts");
    const { planPolicies } = await import("../../policies/plan.ts");
    const { findDrift } = await import("../../policies/check.ts");
    const { relative } = await import("node:path");
    const { schema, table, role } = settings.migrations;
    const { directory } = settings.policies;
    await requireDirectory(directory);
    const policies = await readPolicies(directory);
    await using session = await context.connect({ writes: true });
    const plan = await planPolicies(session, policies, {
      ownerRole: role,
      ledger: { schema, table },
      lint: { directory, shownDirectory: relative(context.workingDirectory, directory) },
    });
    const all = [...policies.findings, ...findDrift(plan)];
    const isAsDeclared = !all.some(({ severity }) => severity === "error");
    // People who ask for quiet want what they have to do something about; programs get everything.
    const isTerse = context.globals.quiet && context.globals.format === "text";
    const findings = isTerse ? all.filter(({ severity }) => severity !== "info") : all;
    return { isAsDeclared, findings };
  },
  findings: (result) => result.findings,
  text: ({ isAsDeclared }, { style }) =>
    isAsDeclared ? style.green("the database is as policies/ declares") : "",
});
