import { defineCommand } from "../cli/command.ts";
import { differencesAsText, diffOptions } from "../cli/differing.ts";

export const drift = defineCommand({
  path: "drift",
  summary: "Find what was changed in the database past the migrations",
  description:
    "The files that are applied, and policies/, are run in a throwaway database of the same server, and what differs from it is told object by object. Exit 1 when anything does.",
  examples: [
    { run: "pgwright drift", says: "compare the configured database with its files" },
    { run: "pgwright drift --no-owner", says: "whoever owns the objects" },
    { run: "pgwright drift --format github", says: "annotate each difference" },
  ],
  configure: (command) => command.option("--no-owner", "compare without who owns what"),
  async run(context, options) {
    const { findDrift } = await import("../diff/diff.ts");
    return findDrift(await diffOptions(context, !options.owner));
  },
  annotations: (result) => result.findings,
  exit: (result) => (result.isEqual ? 0 : 1),
  text: (result, view) => differencesAsText(result, view),
});
