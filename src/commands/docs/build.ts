import { defineCommand } from "../../cli/command.ts";
import { dryRun, Option } from "../../cli/options.ts";
import type { BuildResult } from "../../handbook/build.ts";
import { PgwrightError } from "../../errors.ts";

const usualFolder = "docs/database";

const verbs = {
  created: "created",
  changed: "updated",
  removed: "removed",
  unchanged: "unchanged",
} as const;

export const docsBuild = defineCommand({
  path: "docs build",
  summary: "Write the schema down for people: a data dictionary with diagrams",
  description:
    "Markdown with Mermaid diagrams for a Git host, and one page for browsers with everything in it. Reads the catalog and the files of policies/, no rows. " +
    "The same schema gives the same files, so that they can be kept in version control and checked; `--sizes` adds what changes by itself.",
  examples: [
    { run: "pgwright docs build", says: `write ${usualFolder}/README.md, a file for each schema, and index.html` },
    { run: "pgwright docs build --check", says: "exit 1 unless the files are this schema's" },
    { run: "pgwright docs build --output /tmp/shop --sizes", says: "with sizes, rows and partitions" },
  ],
  configure: (command) =>
    command
      .option("-o, --output <folder>", "where to write", usualFolder)
      .option("--title <text>", "what stands at the top; the database's name unless given")
      .option("--sizes", "also sizes, rows and single partitions as they are now", false)
      .addOption(new Option("--check", "compare the files and change nothing").default(false))
      .addOption(dryRun("which files would be written")),
  async run(context, options): Promise<BuildResult> {
    if (options.check && options.sizes) {
      throw new PgwrightError("usage", "`--check` and `--sizes` exclude each other", {
        hint: "sizes change by themselves: keep files without them under version control",
      });
    }
    const { directory, settings } = await context.config();
    const { relative, resolve } = await import("node:path");
    const { readDeclared } = await import("../../handbook/declared.ts");
    const { buildHandbook } = await import("../../handbook/build.ts");
    const { workingDirectory } = context;
    const folder = resolve(
      options.output === usualFolder ? directory : workingDirectory,
      options.output,
    );
    const declared = await readDeclared(settings.policies.directory, workingDirectory);
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    return await buildHandbook(session, {
      folder,
      shownFolder: relative(workingDirectory, folder) || ".",
      mode: options.check ? "check" : options.dryRun ? "plan" : "write",
      title: options.title,
      hasSizes: options.sizes,
      ledger: { schema, table },
      declared,
    });
  },
  findings: (result) => result.findings,
  text({ folder, files, counts, isWritten }, view, options) {
    const { style } = view;
    const changed = files.filter(({ state }) => state !== "unchanged");
    const about = `${view.plural(counts.tables, "table")}, ${view.plural(counts.views, "view")}, ${view.plural(counts.columns, "column")}, ${view.plural(counts.references, "foreign key")}`;
    if (options.check) {
      return changed.length === 0
        ? style.green(`${folder} is the handbook of this schema: ${about}`)
        : "";
    }
    if (changed.length === 0) return `${folder} is up to date: ${about}`;
    return [
      ...changed.map(({ path, state }) => `${style.dim(verbs[state].padEnd(8))} ${folder}/${path}`),
      `${isWritten ? "" : "not written: "}${about}`,
    ].join("\n");
  },
});
