import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";

export const dbReset = defineCommand({
  path: "db reset",
  summary: "Replace the configured database by an empty one",
  description:
    "The new one has the same owner, encoding, locale, rights and settings; extensions, schemas and data are gone. " +
    "Asks for the database's name, or takes it from --confirm where there is no terminal. " +
    "A protected database is refused, and one that others are connected to unless --disconnect is given.",
  examples: [
    { run: "pgwright db reset", says: "empty it, after typing its name" },
    { run: "pgwright db reset --confirm shop_dev && pgwright migrate", says: "begin again" },
    { run: "pgwright db reset --dry-run", says: "print the SQL, change nothing" },
  ],
  configure: (command) =>
    command.option("--disconnect", "end other sessions of the database", false).addOption(dryRun()),
  async run(context, options) {
    const { resetDatabase } = await import("../../database/reset.ts");
    const { findConsent } = await import("../../database/confirm.ts");
    const { findTarget } = await import("../../database/target.ts");
    return resetDatabase(await findTarget(context), { ...options, consent: findConsent(context) });
  },
  text(result, view) {
    if (!result.reset) return `${result.sql.join(";\n")};`;
    return `Database ${view.style.bold(result.database)} is empty now\n${view.next("pgwright migrate")}`;
  },
});
