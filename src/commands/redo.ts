import { defineCommand } from "../cli/command.ts";
import { migratorOptions } from "../cli/migrating.ts";
import { allowDataLoss, dryRun, keepData, lockWait, notOnline, online } from "../cli/options.ts";

export const redo = defineCommand({
  path: "redo",
  summary: "Undo the last migration and apply it again",
  examples: [
    { run: "pgwright redo", says: "after changing the file you are working on" },
    { run: "pgwright redo --allow-data-loss", says: "although its tables have rows" },
  ],
  configure: (command) =>
    command
      .addOption(keepData())
      .addOption(allowDataLoss())
      .addOption(online())
      .addOption(notOnline())
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const { redo } = await import("../migrate/redo.ts");
    const { settings } = await context.config();
    return redo({
      ...(await migratorOptions(context, options.lockWait)),
      allowDataLoss: options.allowDataLoss,
      keepData: options.keepData,
      all: false,
      dryRun: options.dryRun,
      online: options.online ?? settings.migrations.online,
      isNotOnlineAsked: options.online === false,
      outOfOrder: true,
      allowNewer: false,
    });
  },
  text: ({ down, up }, view) =>
    down.sql !== undefined
      ? `${down.sql}\n${up.sql ?? ""}`
      : `Done again: ${up.applied.map(({ file }) => file).join(", ")}, schema version ${view.style.bold(up.schemaVersion)}`,
});
