import { defineCommand } from "../cli/command.ts";
import { costLines, migratorOptions } from "../cli/migrating.ts";
import {
  allowDataLoss,
  keepData,
  dryRun,
  lockWait,
  parseCount,
  parseVersion,
} from "../cli/options.ts";
import { PgwrightError } from "../errors.ts";

export const rollback = defineCommand({
  path: "rollback",
  summary: "Undo applied migrations, the last one first",
  description:
    "Uses the file's down section where the file is still the one that was applied, else the SQL stored at that time. A rollback that would lose rows or values is refused until --keep-data or --allow-data-loss says otherwise.",
  hiddenAliases: ["down", "undo"],
  examples: [
    { run: "pgwright rollback", says: "undo the last migration" },
    { run: "pgwright rollback --to 012", says: "undo everything applied after 012" },
    { run: "pgwright rollback --steps 3 --dry-run", says: "print the SQL of the last three" },
    {
      run: "pgwright rollback --keep-data",
      says: "keep what would be lost; the next migrate puts it back",
    },
    { run: "pgwright rollback --all --allow-data-loss", says: "back to an empty schema" },
  ],
  configure: (command) =>
    command
      .option("--steps <n>", "how many to undo (default 1)", parseCount)
      .option("--to <version>", "undo what was applied after this version", parseVersion)
      .option("--all", "undo everything", false)
      .addOption(keepData())
      .addOption(allowDataLoss())
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const ways = [options.steps, options.to, options.all || undefined];
    if (ways.filter((way) => way !== undefined).length > 1) {
      throw new PgwrightError("usage", "--steps, --to and --all contradict each other", {
        hint: "give one of them",
      });
    }
    const { rollback } = await import("../migrate/rollback.ts");
    return rollback({ ...(await migratorOptions(context, options.lockWait)), ...options });
  },
  text(result, view) {
    if (result.sql === "") return "-- nothing is applied";
    if (result.sql !== undefined) return [...costLines(result.costs, view), result.sql].join("\n");
    const count = result.rolledBack.length;
    const at = `schema version ${view.style.bold(result.schemaVersion)}`;
    if (count === 0) return `Nothing to roll back: ${at}`;
    const kept = result.rolledBack.flatMap((one) => one.kept);
    const lines = kept.map(({ object, kind, rows, table }) =>
      kind === "positions"
        ? `kept where ${object} stood, in ${table}`
        : `kept ${object}: ${view.plural(rows, "row")} in ${table}`,
    );
    const next = kept.length > 0 ? [view.next("pgwright migrate")] : [];
    return [`Rolled back ${view.plural(count, "migration")}: ${at}`, ...lines, ...next].join("\n");
  },
});
