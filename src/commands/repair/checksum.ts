import { defineCommand } from "../../cli/command.ts";
import { migratorOptions } from "../../cli/migrating.ts";
import { dryRun, lockWait, reason, parseVersion } from "../../cli/options.ts";

export const repairChecksum = defineCommand({
  path: "repair checksum",
  summary: "Accept the changed file of an applied migration",
  examples: [
    {
      run: 'pgwright repair checksum 007 --reason "the comment was corrected"',
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
    return repair({ ...options, kind: "checksum", version, reason, dryRun });
  },
  text: (result, view) =>
    result.sql ?? `${view.style.green("✓")} ${result.done}\n${view.next("pgwright status")}`,
});
