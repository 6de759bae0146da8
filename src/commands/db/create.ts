import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";

export const dbCreate = defineCommand({
  path: "db create",
  summary: "Create the configured database, unless it exists",
  examples: [
    { run: "pgwright db create", says: "create it, empty" },
    { run: "pgwright db create --owner app", says: "owned by another role" },
    { run: "pgwright db create --template staging", says: "as a copy of another database" },
  ],
  configure: (command) =>
    command
      .option("--owner <role>", "role that will own it")
      .option("--template <database>", "database to copy")
      .addOption(dryRun()),
  async run(context, options) {
    const { createDatabase } = await import("../../database/create.ts");
    const { findTarget } = await import("../../database/target.ts");
    return createDatabase(await findTarget(context), options);
  },
  text(result, view) {
    const name = view.style.bold(result.database);
    if (result.created) {
      return `Created database ${name}\n${view.next("pgwright migrate")}`;
    }
    return result.exists ? `Database ${name} exists already` : `${result.sql.join(";\n")};`;
  },
});
