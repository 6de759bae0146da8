import { defineCommand } from "../cli/command.ts";
import type { View } from "../cli/render/view.ts";
import type { DriftResult } from "../diff/diff.ts";
import { differencesAsText, diffOptions } from "../cli/differing.ts";

export const drift = defineCommand({
  path: "drift",
  summary: "Find what was changed in the database past the migrations",
  description:
    "The files that are applied, and policies/, are run in a throwaway database of the same server, and what differs from it is told object by object. Statements that reach beyond that database (roles, slots, files of the server), also those in a DO block or a function, are not run there, and named. Repeatable files run as they last ran; one that is pending is named. A file that stopped in the middle, or is not what was applied, is told first. Tablespaces are told where they differ, and count as no difference. Exit 1 when anything differs, is unfinished, or was changed in more than comments.",
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
  exit: (result) =>
    result.isEqual &&
    result.unfinished.length === 0 &&
    result.changedFiles.every(({ isCosmetic }) => isCosmetic)
      ? 0
      : 1,
  text: (result, view) => driftText(result, view),
});

function driftText(result: DriftResult, view: View): string {
  const { unfinished, changedFiles, pending } = result;
  const { style, visible } = view;
  const differences = differencesAsText(result, view);
  const weighty = changedFiles.filter(({ isCosmetic }) => !isCosmetic);
  const cosmetic = changedFiles.filter(({ isCosmetic }) => isCosmetic);
  const causes = [...unfinished, ...weighty];
  const told = [
    ...causes.map(({ words }) => style.red(visible(words))),
    ...(causes.length === 0
      ? []
      : [
          `  ${
            result.isEqual
              ? "nothing else differs"
              : `the differences below may come from ${causes.length === 1 ? "it" : "them"}`
          }`,
        ]),
    ...[...cosmetic, ...pending].map(({ words }) => style.yellow(visible(words))),
  ];
  if (told.length === 0) return differences;
  const next = [...new Set(unfinished.map((one) => one.next))];
  return [
    ...told,
    "",
    ...(result.isEqual && causes.length > 0 ? [] : [differences]),
    ...(next.length === 0
      ? []
      : [view.next(...next.map((command) => `${command}   (goes on, or shows the way out)`))]),
  ].join("\n");
}
