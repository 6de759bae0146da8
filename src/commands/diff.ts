import { defineCommand } from "../cli/command.ts";
import { differencesAsSql, differencesAsText, diffOptions } from "../cli/differing.ts";
import type { DiffResult } from "../diff/diff.ts";

interface ShownDiff extends DiffResult {
  readonly asSql: boolean;
}

export const diff = defineCommand({
  path: "diff",
  summary: "Say how two schemas differ, in words and in SQL",
  description:
    "Each side is `database` (the configured one), `files` (what the migrations and policies make of an empty database), a connection string, or a dump in plain SQL. Files and dumps are run in a throwaway database of the configured server; statements of files that reach beyond it (roles, slots, files of the server), also those in a DO block or a function, are not run, and named. Tablespaces are told where they differ, and count as no difference. SQL is given only where nothing can be lost by it; what it leaves out, and what needs something that is left out, is named with the reason. It runs in the order in which it is printed (`script` in JSON): drops that make way, what is changed and new, then drops of what nothing uses any more. Views, functions and policies that have to be made anew go and come with what needs them.",
  examples: [
    { run: "pgwright diff files database", says: "what the database has and the files do not" },
    { run: "pgwright diff database schema.sql", says: "what leads to the dump" },
    {
      run: "pgwright diff database postgres://db.example.com/shop --sql",
      says: "as SQL, to be read before it is run",
    },
  ],
  configure: (command) =>
    command
      .argument("<from>", "database, files, a connection string or a dump")
      .argument("<to>", "the same, for the other side")
      .option("--sql", "print the statements that lead from one to the other", false)
      .option("--no-owner", "compare without who owns what"),
  async run(context, options, from, to): Promise<ShownDiff> {
    const { diffSchemas, sideOf } = await import("../diff/diff.ts");
    const needsDatabase = [from, to].some((side) => sideOf(side).kind !== "url");
    const needed = await diffOptions(context, !options.owner, needsDatabase);
    const result = await diffSchemas(from, to, needed);
    return { ...result, asSql: options.sql };
  },
  text: (result, view) =>
    result.asSql ? differencesAsSql(result) : differencesAsText(result, view),
});
