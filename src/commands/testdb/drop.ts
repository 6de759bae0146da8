import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";
import { testServer } from "../../cli/testing.ts";
import { PgwrightError } from "../../errors.ts";

export const testdbDrop = defineCommand({
  path: "testdb drop",
  summary: "Drop test databases, also while somebody is connected to them",
  description:
    "Only databases that `testdb create` or `pgwright/testing` have made, and their templates, can be dropped by this. " +
    "Give names, --run or --all-of-mine: one of the three.",
  examples: [
    { run: "pgwright testdb drop pgwright_k3f9a2_1_2q9xkf7b2c", says: "one of them, by its name" },
    { run: "pgwright testdb drop --run k3f9a2", says: "all that one run has made" },
    { run: "pgwright testdb drop --all-of-mine", says: "all that you have made from this machine" },
  ],
  purpose: "test",
  configure: (command) =>
    command
      .argument("[names...]", "names of test databases")
      .option("--run <id>", "those of this run, templates apart")
      .option("--all-of-mine", "those made by you on this machine, templates apart", false)
      .addOption(dryRun()),
  async run(context, options, names) {
    if (names.length === 0 && options.run === undefined && !options.allOfMine) {
      throw new PgwrightError("usage", "nothing says which test databases to drop", {
        hint: "give their names, `--run <id>` or `--all-of-mine`; `pgwright testdb list` shows them",
      });
    }
    refuseMixture(names, options);
    const { dropTestDatabases } = await import("../../testdb/drop.ts");
    const { whoMakes } = await import("../../testdb/author.ts");
    const by = options.allOfMine ? whoMakes() : undefined;
    return dropTestDatabases(await testServer(context), { names, run: options.run, by }, options);
  },
  text({ dropped, sql }, view) {
    if (sql !== undefined) return sql;
    if (dropped.length === 0) return "There is nothing to drop";
    return `Dropped ${view.plural(dropped.length, "test database")}`;
  },
});

/**
 * Two ways to choose could mean what either or what both of them choose: nobody should find out by
 * what is gone.
 *
 * @throws PgwrightError `usage`.
 */
function refuseMixture(
  names: readonly string[],
  { run, allOfMine }: { readonly run?: string; readonly allOfMine: boolean },
): void {
  const ways = [
    ...(names.length > 0 ? ["names"] : []),
    ...(run === undefined ? [] : ["`--run`"]),
    ...(allOfMine ? ["`--all-of-mine`"] : []),
  ];
  if (ways.length < 2) return;
  throw new PgwrightError(
    "usage",
    `${ways.join(" and ")} cannot be given together: each says by itself what to drop`,
    { hint: "give one of them; nothing was dropped" },
  );
}
