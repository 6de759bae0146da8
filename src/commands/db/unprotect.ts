import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";

export const dbUnprotect = defineCommand({
  path: "db unprotect",
  summary: "Remove the mark that protects the configured database",
  description:
    "Asks for the database's name, or takes it from --confirm where there is no terminal.",
  examples: [
    { run: "pgwright db unprotect", says: "after typing the database's name" },
    { run: "pgwright db unprotect --confirm shop_copy", says: "without a question" },
  ],
  configure: (command) => command.addOption(dryRun()),
  async run(context, { dryRun }) {
    const { unprotectConfirmed } = await import("../../database/unprotect.ts");
    const { findConsent } = await import("../../database/confirm.ts");
    const { findTarget } = await import("../../database/target.ts");
    return unprotectConfirmed(await findTarget(context), findConsent(context), { dryRun });
  },
  text: ({ database, removed, sql }, view) =>
    sql !== undefined
      ? sql || "-- it is not protected"
      : removed === null
        ? `Database ${view.style.bold(database)} was not protected`
        : `Database ${view.style.bold(database)} is ${view.style.yellow("no longer protected")}`,
});
