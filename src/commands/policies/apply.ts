import { defineCommand } from "../../cli/command.ts";
import { migratorOptions, policyOptions } from "../../cli/migrating.ts";
import { dryRun, lockWait } from "../../cli/options.ts";

export const policiesApply = defineCommand({
  path: "policies apply",
  summary: "Make the database as policies/ declares",
  description:
    "Runs exactly what `policies plan` prints, under the migration lock, each object in a transaction of its own. What only the database has is left alone without --prune; while it lets somebody see or do more than is declared, the exit status is 1.",
  examples: [
    { run: "pgwright policies apply", says: "bring about what is missing or differs" },
    { run: "pgwright policies apply --prune", says: "also take away what is not declared" },
    { run: "pgwright policies apply --dry-run", says: "print the SQL, change nothing" },
  ],
  configure: (command) =>
    command
      .option("--prune", "take away what only the database has", false)
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const { applyPolicies } = await import("../../policies/apply.ts");
    return applyPolicies({
      ...(await migratorOptions(context, options.lockWait)),
      ...(await policyOptions(context)),
      ...options,
      isDirectoryRequired: true,
    });
  },
  // A dry run's stdout is the SQL and nothing else.
  findings: ({ findings, sql }) => (sql === undefined ? findings : []),
  text({ applied, sql, findings }, view) {
    const open = findings.filter(({ severity }) => severity !== "info").length;
    if (sql !== undefined) {
      if (sql !== "") return sql;
      return open === 0
        ? "-- the database is as policies/ declares"
        : "-- no statement would mend what `pgwright policies check` finds";
    }
    const state =
      open === 0
        ? "the database is as policies/ declares"
        : `${view.plural(open, "finding")} left, which apply does not decide`;
    return applied.length === 0
      ? `Nothing to do: ${state}`
      : `Ran ${view.plural(applied.length, "statement")}: ${state}`;
  },
});
