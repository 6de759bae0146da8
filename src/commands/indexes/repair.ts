import { defineCommand } from "../../cli/command.ts";
import { migratorOptions } from "../../cli/migrating.ts";
import { dryRun, lockWait } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { IndexRepair } from "../../indexes/repair.ts";

export const indexesRepair = defineCommand({
  path: "indexes repair",
  summary: "Rebuild invalid indexes, and drop what interrupted rebuilds left",
  description:
    "Everything runs concurrently, blocks nobody, and holds the migration lock. What a partitioned index lacks is built leaf by leaf and attached. An index that is being built right now is left alone.",
  examples: [
    { run: "pgwright indexes repair", says: "every index that is not valid" },
    { run: "pgwright indexes repair orders_code_key", says: "only this one, with its parts" },
    { run: "pgwright indexes repair --dry-run", says: "print the SQL, change nothing" },
  ],
  configure: (command) =>
    command
      .argument("[index...]", "the indexes to repair")
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options, indexes) {
    const { repairIndexes } = await import("../../indexes/repair.ts");
    const migrating = await migratorOptions(context, options.lockWait);
    return repairIndexes({ ...migrating, indexes, dryRun: options.dryRun });
  },
  findings: (result) => result.findings,
  exit: ({ isDryRun, findings }) =>
    !isDryRun && findings.some(({ severity }) => severity === "error") ? 4 : 0,
  text: (result, view) => repairText(result, view),
});

function repairText({ steps, sql, findings }: IndexRepair, view: View): string {
  if (sql !== undefined) return sql === "" ? "-- nothing to repair" : sql;
  const dropped = steps.filter(({ isCleaning }) => isCleaning).length;
  const mended = new Set(steps.flatMap((step) => (step.isCleaning ? [] : step.index))).size;
  if (steps.length > 0) {
    const parts = [
      ...(mended > 0 ? [`repaired ${view.plural(mended, "index")}`] : []),
      ...(dropped > 0
        ? [`dropped ${view.plural(dropped, "leftover")} of interrupted rebuilds`]
        : []),
    ].join(", ");
    return `${parts.charAt(0).toUpperCase()}${parts.slice(1)}`;
  }
  return findings.length === 0 ? "Nothing to repair: every index is valid" : "Nothing was repaired";
}
