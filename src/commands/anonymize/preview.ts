import { defineCommand } from "../../cli/command.ts";
import { ephemeralKey, keyFile, parseCount } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { Preview, PreviewedTable } from "../../anonymize/preview.ts";

export const anonymizePreview = defineCommand({
  path: "anonymize preview",
  summary: "Show a few rows of each table before and after masking",
  description:
    "Reads with the SQL that `anonymize run` would, and writes nothing. The originals are real: they are shown on a terminal, " +
    "because comparing is what this is for, and left out of a file, a pipe and JSON unless --show-originals says otherwise.",
  examples: [
    { run: "pgwright anonymize preview", says: "ten rows of each table that is masked" },
    { run: "pgwright anonymize preview shop.customers --rows 3", says: "three of one" },
    { run: "pgwright anonymize preview --ephemeral-key", says: "with a key for this once" },
  ],
  configure: (command) =>
    command
      .argument("[tables...]", "schema.table; all that are masked unless named")
      .option("--rows <n>", "rows of each table", parseCount, 10)
      .option("--show-originals", "show originals also where stdout is no terminal", false)
      .addOption(keyFile())
      .addOption(ephemeralKey()),
  async run(context, options, tables): Promise<Preview> {
    const { settings } = await context.config();
    const { readRules } = await import("../../anonymize/rules/read.ts");
    const { keyVariable, readKey } = await import("../../anonymize/key.ts");
    const { previewMasking } = await import("../../anonymize/preview.ts");
    const rules = await readRules(settings.policies.directory, context.workingDirectory);
    const key = await readKey({
      variable: context.environment[keyVariable],
      file: options.keyFile,
      isEphemeral: options.ephemeralKey,
    });
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    return await previewMasking(session, {
      rules,
      key,
      ledger: { schema, table },
      tables,
      rows: options.rows,
      showsOriginals:
        options.showOriginals ||
        (context.terminal.isOutTerminal && context.globals.format === "text"),
    });
  },
  text({ tables, keyFingerprint, showsOriginals }, view) {
    if (tables.length === 0) return "nothing is masked";
    return [
      ...tables.map((one) => describe(one, showsOriginals, view)),
      view.style.dim(
        `key ${keyFingerprint}; nothing was written${showsOriginals ? "" : "; originals are left out (--show-originals)"}`,
      ),
    ].join("\n\n");
  },
});

/** Longer values are cut: a page of text for each row hides the others. */
const longest = 160;

function describe(
  { table, columns, rows }: PreviewedTable,
  showsOriginals: boolean,
  view: View,
): string {
  const { style } = view;
  if (rows.length === 0) return `${style.bold(table)}: no rows`;
  const cell = (value: string | null | undefined) =>
    value === null || value === undefined ? style.dim("NULL") : shorten(value);
  const titles = ["column", ...(showsOriginals ? ["before"] : []), "after"];
  const lines = columns.flatMap(({ name }) =>
    rows.map(({ before, after }, n) => [
      n === 0 ? name : "",
      ...(showsOriginals ? [cell(before?.[name])] : []),
      cell(after[name]),
    ]),
  );
  return `${style.bold(table)}\n${view.table({ columns: titles.map((title) => ({ title })), rows: lines })}`;
}

function shorten(value: string): string {
  const line = value.replaceAll(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}
