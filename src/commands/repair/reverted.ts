import { defineCommand } from "../../cli/command.ts";
import { migratorOptions } from "../../cli/migrating.ts";
import { dryRun, lockWait, reason, parseVersion } from "../../cli/options.ts";

export const repairReverted = defineCommand({
  path: "repair reverted",
  summary: "Record a migration as not applied without running its down section",
  examples: [
    {
      run: 'pgwright repair reverted 007 --reason "its table was dropped by hand"',
      says: "the reason is stored in the log",
    },
  ],
  configure: (command) =>
    command
      .argument("<version>", "the migration's version", parseVersion)
      .addOption(reason())
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, { reason, dryRun, lockWait }, version) {
    const { repair } = await import("../../migrate/repair.ts");
    const options = await migratorOptions(context, lockWait);
    return repair({ ...options, kind: "reverted", version, reason, dryRun });
  },
  text: (result, view) =>
    result.sql ?? `${view.style.green("✓")} ${result.done}\n${view.next("pgwright status")}`,
});
