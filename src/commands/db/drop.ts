import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";

export const dbDrop = defineCommand({
  path: "db drop",
  summary: "Drop the configured database",
  description:
    "Asks for the database's name, or takes it from --confirm where there is no terminal. " +
    "A protected database is refused, and one that others are connected to unless --disconnect is given.",
  examples: [
    { run: "pgwright db drop", says: "drop it, after typing its name" },
    { run: "pgwright db drop --confirm shop_test", says: "without a question, for scripts" },
    { run: "pgwright db drop --disconnect", says: "end the sessions of others first" },
  ],
  configure: (command) =>
    command.option("--disconnect", "end other sessions of the database", false).addOption(dryRun()),
  async run(context, options) {
    const { dropDatabase } = await import("../../database/drop.ts");
    const { findConsent } = await import("../../database/confirm.ts");
    const { findTarget } = await import("../../database/target.ts");
    return dropDatabase(await findTarget(context), { ...options, consent: findConsent(context) });
  },
  text(result, view) {
    const name = view.style.bold(result.database);
    if (!result.existed) return `There is no database ${name}`;
    return result.dropped ? `Dropped database ${name}` : `${result.sql.join(";\n")};`;
  },
});
