import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";

export const dbProtect = defineCommand({
  path: "db protect",
  summary: "Mark the configured database: nothing here drops, resets or seeds it",
  description:
    "The mark stands in the database, in pgwright.protection, and holds for everybody who comes with pgwright. " +
    "Migrations go on as before. A restored copy brings the mark along and says where it came from.",
  examples: [
    { run: "pgwright db protect", says: "mark it" },
    { run: "pgwright db protect --reason 'customer data'", says: "and say why" },
  ],
  configure: (command) =>
    command.option("--reason <text>", "shown in every refusal").addOption(dryRun()),
  async run(context, { reason, dryRun }) {
    const { protect } = await import("../../database/protection.ts");
    await using session = await context.connect({ writes: !dryRun });
    return await protect(session, reason ?? null, { dryRun });
  },
  text({ changed, database, protection, sql }, view) {
    if (sql !== undefined) return sql;
    const name = view.style.bold(database);
    return changed || protection === null
      ? `Database ${name} is ${view.style.green("protected")} now`
      : `Database ${name} is protected already, by ${protection.protectedBy} since ${protection.protectedAt}`;
  },
});
