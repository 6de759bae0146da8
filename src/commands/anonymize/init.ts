import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";
import type { Draft } from "../../anonymize/draft.ts";

export const anonymizeInit = defineCommand({
  path: "anonymize init",
  summary: "Write a draft of masking.yaml from what the database has",
  description:
    "Every column that looks personal, by its name or in a sample of its rows, gets the masker for what it seems to be, paths of JSON included; every other one that can hold anything is scrambled, with all of its JSON. " +
    "Loosen it from there: what needs no mask is kept with `{keep: true, reason: …}`. An existing file is never overwritten.",
  examples: [
    { run: "pgwright anonymize init", says: "write policies/masking.yaml" },
    { run: "pgwright anonymize init --dry-run", says: "print it" },
  ],
  configure: (command) => command.addOption(dryRun("the draft")),
  async run(context, options): Promise<Draft> {
    const { settings } = await context.config();
    const { draftRules } = await import("../../anonymize/draft.ts");
    const { rulesFileName } = await import("../../anonymize/rules/read.ts");
    const { readIgnored } = await import("../../pii/ignore.ts");
    const { join, relative } = await import("node:path");
    const { directory } = settings.policies;
    const path = join(directory, rulesFileName);
    const ignored = await readIgnored(directory, relative(context.workingDirectory, directory));
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    return await draftRules(session, {
      ledger: { schema, table },
      path,
      shownPath: relative(context.workingDirectory, path) || path,
      dryRun: options.dryRun,
      ignored,
      events: context.events,
    });
  },
  text({ file, text, columns, isWritten }, view) {
    if (!isWritten) return text.trimEnd();
    return [
      view.style.green(`${file}: a rule for each of ${view.plural(columns, "column")}`),
      view.next("pgwright anonymize check", "pgwright anonymize preview"),
    ].join("\n");
  },
});
