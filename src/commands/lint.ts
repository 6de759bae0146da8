import { defineCommand } from "../cli/command.ts";
import { failOn, parseServerVersion } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import { reaches } from "../findings.ts";
import type { ExplainedRule } from "../lint/explain.ts";
import type { LintResult } from "../lint/lint.ts";

type Result = LintResult | { readonly rules: readonly ExplainedRule[] };

export const lint = defineCommand({
  path: "lint",
  summary: "Judge what migrations do to a database that is in use",
  description:
    "Locks that stop everybody, rewrites and scans of large tables, changes that break running programs, lost data and rights; each with the safe form in your own names. " +
    "Without a file, the whole migrations directory, or with --base what a branch adds; of a directory, the files directly in it, as `migrate` reads its own. With --url, --env or --embedded the pending files, and the catalog is asked: " +
    "types, sizes, volatility, views that are in the way. What pgwright itself makes safe is no finding, nor is what it runs in a safe form where `migrations.online` is true. `-- lint:ignore <rule>: <reason>` above a statement explains one away.",
  examples: [
    { run: "pgwright lint", says: "every migration" },
    { run: "pgwright lint --base origin/main --format github", says: "annotate a pull request" },
    {
      run: "pgwright lint --env production",
      says: "what is pending there, with its tables' sizes",
    },
    { run: "pgwright lint db/*.sql --format sarif", says: "any SQL files, for code scanning" },
    { run: "pgwright lint --explain set-not-null", says: "one rule in full" },
  ],
  configure: (command) =>
    command
      .argument(
        "[files...]",
        "SQL files, or directories with SQL files directly in them, in the order in which they run",
      )
      .option("--base <revision>", "only what was added since the merge base with this revision")
      .option(
        "--server <version>",
        "the oldest PostgreSQL they must run on, 15 to 18",
        parseServerVersion,
      )
      .option("--explain [rule]", "say what a rule is about, or list all of them")
      .option("--online", "judge migrations in the form in which `migrate --online` runs them")
      .option("--no-online", "judge all as it is written, whatever migrations.online says")
      .addOption(failOn().default("error" as const)),
  async run(context, { explain, base, server, online }, files): Promise<Result> {
    if (explain !== undefined) {
      const { explainRules } = await import("../lint/explain.ts");
      return { rules: explainRules(explain) };
    }
    if (files.includes("")) {
      throw new PgwrightError("usage", "the name of a file is empty", {
        hint: "where a variable is to name it, the variable is not set; without a file the whole migrations directory is judged",
      });
    }
    // V8 compiles the parser in the background from here on; lintFiles waits for it, and tells what fails.
    const { loadParser } = await import("../db/script.ts");
    loadParser().catch(() => {});
    const config = await context.config();
    const { settings } = config;
    const { directorySetting } = await import("../config/directory-at.ts");
    const { lintFiles } = await import("../lint/lint.ts");
    const { resolve } = await import("node:path");
    const { url, env, embedded } = context.globals;
    const asks = url !== undefined || env !== undefined || embedded === true;
    const { directory, schema, table } = settings.migrations;
    await using session = asks ? await context.connect({ writes: false }) : undefined;
    return await lintFiles({
      directory,
      workingDirectory: context.workingDirectory,
      paths: files.map((file) => resolve(context.workingDirectory, file)),
      base,
      environment: context.environment,
      setting: directorySetting(config),
      server,
      session,
      ledger: { schema, table },
      signal: context.signal,
      online: online ?? settings.migrations.online,
    });
  },
  findings: (result) => ("findings" in result ? result.findings : []),
  ruleTexts: async () => (await import("../lint/explain.ts")).ruleTexts(),
  exit: (result, { failOn }) => ("findings" in result && reaches(result.findings, failOn) ? 1 : 0),
  text: (result, view, options) =>
    "rules" in result
      ? explainText(result.rules, view, options.explain === true)
      : lintText(result, view),
});

function explainText(rules: readonly ExplainedRule[], view: View, isList: boolean): string {
  if (isList) {
    return view.table({
      columns: [{ title: "rule" }, { title: "severity" }, { title: "what it finds" }],
      rows: rules.map(({ name, severity, summary }) => [name, severity, summary]),
    });
  }
  return rules
    .map(({ name, severity, summary, why, safe, squawk }) =>
      [
        `${view.style.bold(name)} (${severity}): ${summary}`,
        view.prose(why),
        `${view.style.dim("safe:")}\n${safe
          .split("\n")
          .map((line) => `  ${line}`)
          .join("\n")}`,
        ...(squawk ? [view.style.dim(`squawk: ${squawk.join(", ")}`)] : []),
        view.style.dim(`-- lint:ignore ${name}: <why it is all right here>`),
      ].join("\n\n"),
    )
    .join("\n\n");
}

function lintText(result: LintResult, view: View): string {
  const { style } = view;
  const counts = (["error", "warning", "info"] as const)
    .map((severity) => ({
      severity,
      count: result.findings.filter((finding) => finding.severity === severity).length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ severity, count }) =>
      severity === "info" ? view.plural(count, "remark") : view.plural(count, severity),
    );
  const verdict = counts.length === 0 ? style.green("nothing to object to") : counts.join(", ");
  const since = result.base ? ` since ${result.base.name} (${result.base.mergeBase})` : "";
  const lines = [
    `${view.plural(result.files, "file")}${since} with ${view.plural(result.statements, "statement")}, judged for PostgreSQL ${result.server}${result.asksDatabase ? " and the catalog of this database" : ""}${result.online ? ", run online" : ""}: ${verdict}`,
  ];
  if (result.base?.note) lines.push(view.visible(result.base.note));
  if (result.ignored > 0)
    lines.push(`${view.plural(result.ignored, "finding")} ignored by comments`);
  if (result.unjudged > 0) {
    lines.push(
      `${view.plural(result.unjudged, "statement")} (DO, CALL) not looked into: what they do shows only when they run`,
    );
  }
  if (result.passedOver.length > 0) lines.push(passedOverText(result.passedOver, view));
  return lines.map((line) => view.prose(line)).join("\n");
}

function passedOverText(passedOver: LintResult["passedOver"], view: View): string {
  const named = passedOver
    .slice(0, 5)
    .map(
      ({ directory, files }) => `${view.visible(directory)} (${view.plural(files, "SQL file")})`,
    );
  const more = passedOver.length > 5 ? [`${passedOver.length - 5} more`] : [];
  return `not looked into, for they were not named: ${[...named, ...more].join(", ")}`;
}
