import { defineCommand } from "../cli/command.ts";
import type { View } from "../cli/render/view.ts";
import type { DriftResult } from "../diff/diff.ts";
import { differencesAsText, diffOptions } from "../cli/differing.ts";

export const drift = defineCommand({
  path: "drift",
  summary: "Find what was changed in the database past the migrations",
  description:
    "The files that are applied, and policies/, are run in a throwaway database of the same server, and what differs from it is told object by object. Statements that reach beyond that database (roles, slots, files of the server), also those in a DO block or a function, are not run there, and named. A file that stopped in the middle is told first. Tablespaces are told where they differ, and count as no difference. Exit 1 when anything differs, or is unfinished.",
  examples: [
    { run: "pgwright drift", says: "compare the configured database with its files" },
    { run: "pgwright drift --no-owner", says: "whoever owns the objects" },
    { run: "pgwright drift --format github", says: "annotate each difference" },
  ],
  configure: (command) => command.option("--no-owner", "compare without who owns what"),
  async run(context, options) {
    const { findDrift } = await import("../diff/diff.ts");
    return findDrift(await diffOptions(context, !options.owner, true));
  },
  annotations: (result) => result.findings,
  exit: (result) => (result.isEqual && result.unfinished.length === 0 ? 0 : 1),
  text: (result, view) => driftText(result, view),
});

function driftText(result: DriftResult, view: View): string {
  const { unfinished } = result;
  const differences = differencesAsText(result, view);
  if (unfinished.length === 0) return differences;
  const said = unfinished.map(({ words }) => view.style.red(view.visible(words)));
  const source = unfinished.length === 1 ? "it" : "them";
  const what = result.isEqual
    ? "nothing else differs"
    : `the differences below may come from ${source}`;
  const next = [...new Set(unfinished.map((one) => one.next))];
  return [
    ...said,
    `  ${what}`,
    "",
    ...(result.isEqual ? [] : [differences]),
    view.next(...next.map((command) => `${command}   (goes on, or shows the way out)`)),
  ].join("\n");
}
