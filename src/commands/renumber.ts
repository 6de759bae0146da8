import { defineCommand } from "../cli/command.ts";
import { dryRun } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import type { RenumberResult } from "../migrate/renumber.ts";

interface ShownResult extends RenumberResult {
  readonly dryRun: boolean;
}

export const renumber = defineCommand({
  path: "renumber",
  summary: "Move migration files that are not merged behind the last one that is",
  description:
    "A branch that was overtaken has files whose versions others use or have passed by now. They get the next versions, in their order; the rest of their names stays. Without --base, files that the database has not applied move behind those that it has. A file that the database holds is never renamed.",
  examples: [
    { run: "pgwright renumber --base origin/main", says: "behind the last migration of main" },
    { run: "pgwright renumber --base origin/main --dry-run", says: "print the new names" },
    { run: "pgwright renumber", says: "late files behind the last one applied" },
    {
      run: "pgwright renumber --base origin/main --offline",
      says: "without asking a database whether it has applied them",
    },
  ],
  configure: (command) =>
    command
      .option("--base <revision>", "files that are in this revision are merged")
      .option("--offline", "with --base: ask no database whether it has applied a file", false)
      .addOption(dryRun("the new names")),
  async run(context, options): Promise<ShownResult> {
    const { base, offline, dryRun } = options;
    if (offline && base === undefined) {
      throw new PgwrightError("usage", "without a database, --base must say what is merged", {
        hint: "pgwright renumber --base origin/main --offline",
      });
    }
    const config = await context.config();
    const { directory, schema, table } = config.settings.migrations;
    const { renumber } = await import("../migrate/renumber.ts");
    const { environment } = context;
    const { directorySetting } = await import("../config/directory-at.ts");
    const setting = directorySetting(config);
    const common = { base, dryRun, environment, setting, now: new Date() };
    if (offline) {
      const result = await renumber(directory, { ...common, ledger: undefined, database: "" });
      return { ...result, dryRun };
    }
    const { readLedger } = await import("../migrate/ledger.ts");
    await using session = await context.connect({ writes: false });
    const ledger = await readLedger(session, { schema, table });
    const { database } = (await context.place()).options;
    return { ...(await renumber(directory, { ...common, ledger, database })), dryRun };
  },
  text: (result, view) => renumberText(result, view),
});

function renumberText(result: ShownResult, view: View): string {
  const { note } = result;
  const text = renamedText(result, view);
  return note === null ? text : `${view.prose(view.visible(note))}\n${text}`;
}

function renamedText({ renamed, last, base, dryRun }: ShownResult, view: View): string {
  const behind =
    last === null
      ? "there is no migration to stand behind"
      : `behind \`${last}\`, the last one ${base === null ? "that is applied" : `in ${base}`}`;
  if (renamed.length === 0)
    return `Nothing to rename: ${last === null ? behind : `all stand ${behind}`}`;
  const table = view.table({
    columns: [{ title: "from" }, { title: "to" }],
    rows: renamed.map(({ from, to }) => [from, to]),
  });
  const verb = dryRun ? "Would rename" : "Renamed";
  const next = dryRun ? "" : `\n${view.next("pgwright validate", "pgwright migrate")}`;
  return `${table}\n\n${verb} ${view.plural(renamed.length, "file")} ${behind}${next}`;
}
