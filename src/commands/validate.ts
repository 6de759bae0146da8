import { defineCommand } from "../cli/command.ts";
import type { View } from "../cli/render/view.ts";
import type { ValidateResult } from "../migrate/validate.ts";

export const validate = defineCommand({
  path: "validate",
  summary: "Look for mistakes in the migration files, without a database",
  description:
    "Names, sections, SQL syntax, statements that do not belong into a migration, missing ways back, and a declared change that is too small. With --base also what a branch did to files that others may have applied.",
  examples: [
    { run: "pgwright validate", says: "check every file" },
    {
      run: "pgwright validate --base origin/main",
      says: "also find changed, deleted and late files",
    },
    {
      run: "pgwright validate --base origin/main --format github",
      says: "annotate a pull request",
    },
  ],
  configure: (command) =>
    command.option("--base <revision>", "compare with the merge base of HEAD and this revision"),
  async run(context, options) {
    const config = await context.config();
    const { directorySetting } = await import("../config/directory-at.ts");
    const { validateFiles } = await import("../migrate/validate.ts");
    return validateFiles(config.settings.migrations.directory, {
      base: options.base,
      environment: context.environment,
      setting: directorySetting(config),
    });
  },
  findings: (result) => result.findings,
  text: (result, view) => validateText(result, view),
});

function validateText(result: ValidateResult, view: View): string {
  const { style } = view;
  const errors = result.findings.filter(({ severity }) => severity === "error").length;
  const warnings = result.findings.filter(({ severity }) => severity === "warning").length;
  const lines: string[] = [];
  if (view.isVerbose) {
    lines.push(
      view.table({
        columns: [{ title: "version" }, { title: "change" }, { title: "because" }],
        rows: result.migrations.map(({ version, change, isDeclared, reasons }) => [
          version,
          change,
          isDeclared ? "declared" : (reasons[0] ?? ""),
        ]),
      }),
      "",
    );
  }
  const against = result.base
    ? `, compared with ${result.base.name} (${result.base.mergeBase})`
    : "";
  const verdict =
    errors + warnings === 0
      ? style.green("no mistakes")
      : [
          ...(errors > 0 ? [style.red(view.plural(errors, "error"))] : []),
          ...(warnings > 0 ? [style.yellow(view.plural(warnings, "warning"))] : []),
        ].join(", ");
  lines.push(`${view.plural(result.fileCount, "migration file")} read${against}: ${verdict}`);
  if (result.base?.note) lines.push(view.prose(view.visible(result.base.note)));
  return lines.join("\n");
}
