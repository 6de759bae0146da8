import { defineCommand } from "../cli/command.ts";
import { migratorOptions } from "../cli/migrating.ts";
import { dryRun, lockWait, parseVersion } from "../cli/options.ts";

export const baseline = defineCommand({
  path: "baseline",
  summary: "Take over an existing database: record files as applied, with proof",
  description:
    "Applies the files up to --at in a throwaway database of the same server and compares its dump with that of this database. Statements that reach beyond the throwaway database (roles, slots, files of the server), also those in a DO block or a function, are not run there, and named. Only when they are equal are the files recorded as applied. Refused when the ledger has rows.",
  examples: [
    { run: "pgwright baseline --at 013", says: "the database holds the work of 001 to 013" },
    { run: "pgwright baseline --at 013 --no-owner", says: "whoever owns the objects" },
  ],
  configure: (command) =>
    command
      .requiredOption("--at <version>", "the last version whose work is there", parseVersion)
      .option("--no-owner", "compare without who owns what")
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const { baseline } = await import("../migrate/baseline.ts");
    return baseline({
      ...(await migratorOptions(context, options.lockWait)),
      at: options.at,
      omitOwners: !options.owner,
      dryRun: options.dryRun,
      openOther: (database) => context.connect({ writes: true, direct: true, database }),
    });
  },
  text: (result, view) =>
    result.sql ??
    `${view.style.green("✓")} recorded ${view.plural(result.recorded.length, "migration")} as applied: schema version ${view.style.bold(result.schemaVersion)}\n${view.next("pgwright status")}`,
});
