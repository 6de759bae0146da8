import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";
import { testServer } from "../../cli/testing.ts";

export const testdbPrune = defineCommand({
  path: "testdb prune",
  summary: "Drop test databases whose lease has expired",
  description:
    "What killed runs have left, and templates that nobody has used for a day. Who is alive renews the lease, and a database that somebody is connected to is left in any case.",
  examples: [
    { run: "pgwright testdb prune", says: "drop what is left over" },
    { run: "pgwright testdb prune --dry-run", says: "say what would be dropped" },
  ],
  purpose: "test",
  configure: (command) => command.addOption(dryRun()),
  async run(context, options) {
    const { pruneTestDatabases } = await import("../../testdb/prune.ts");
    return pruneTestDatabases(await testServer(context), {
      dryRun: options.dryRun,
      events: context.events,
    });
  },
  text({ dropped, left, sql }, view) {
    if (sql !== undefined) return sql;
    const done =
      dropped.length === 0
        ? "No lease has expired"
        : `Dropped ${view.plural(dropped.length, "test database")}`;
    return left.length === 0
      ? done
      : `${done}\n${left.length} expired and still in use, or not ours to drop: ${left.join(", ")}`;
  },
});
