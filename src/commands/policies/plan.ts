import { defineCommand } from "../../cli/command.ts";
import type { Finding } from "../../findings.ts";
import type { PolicyStep } from "../../policies/step.ts";

interface PlanResult {
  readonly steps: readonly PolicyStep[];
  readonly findings: readonly Finding[];
  /** The same as SQL that can be run by hand. */
  readonly sql: string;
  /** No statement, and nothing to warn of either. */
  readonly isAsDeclared: boolean;
}

export const policiesPlan = defineCommand({
  path: "policies plan",
  summary: "Print the SQL that would make the database as policies/ declares",
  description:
    "Compares roles, memberships, rights, row level security, audit triggers and partitions in both directions. Each statement says why it is needed and which lock it takes. The plan itself blocks nobody.",
  examples: [
    { run: "pgwright policies plan", says: "what differs, as SQL" },
    { run: "pgwright policies plan --json | jq '.result.steps[].why'", says: "the reasons alone" },
  ],
  configure: (command) =>
    command.option("--prune", "with what takes away what only the database has", false),
  async run(context, { prune }): Promise<PlanResult> {
    const { settings } = await context.config();
    const { readPolicies, requireDirectory } = await import("../../policies/policies.ts");
    const { planPolicies } = await import("../../policies/plan.ts");
    const { printPlan } = await import("../../policies/print.ts");
    const { refuseMistakes } = await import("../../policies/mistakes.ts");
    const { relative } = await import("node:path");
    const { schema, table, role } = settings.migrations;
    const { directory } = settings.policies;
    await requireDirectory(directory);
    const policies = await readPolicies(directory);
    refuseMistakes(policies.findings);
    await using session = await context.connect({ writes: true });
    const plan = await planPolicies(session, policies, {
      ownerRole: role,
      ledger: { schema, table },
      lint: { directory, shownDirectory: relative(context.workingDirectory, directory) },
    });
    refuseMistakes(plan.findings);
    const { withLocks } = await import("../../policies/cost.ts");
    const steps = await withLocks(session, plan.steps);
    const sql = printPlan(steps, { prune });
    const isOpen = plan.findings.some(({ severity }) => severity !== "info");
    const isAsDeclared = steps.length === 0 && !isOpen;
    if (context.globals.format !== "text") return { ...plan, steps, sql, isAsDeclared };
    // stdout is SQL that can be piped on, so findings are said on stderr.
    for (const { severity, message } of plan.findings) {
      const level = severity === "info" ? "info" : "warning";
      context.events({ type: "notice", level, message });
    }
    return { steps, findings: [], sql, isAsDeclared };
  },
  findings: (result) => result.findings,
  exit: () => 0,
  text({ sql, steps, isAsDeclared }) {
    if (isAsDeclared) return "-- the database is as policies/ declares";
    return steps.length === 0
      ? "-- no statement would mend what `pgwright policies check` finds"
      : sql;
  },
});
