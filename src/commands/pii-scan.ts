import { defineCommand } from "../cli/command.ts";
import { Option } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { Finding } from "../findings.ts";
import type { Certainty, PiiFinding } from "../pii/report.ts";
import type { PiiResult } from "../pii/run.ts";

const levels = ["certain", "likely", "possible"] as const;

export const piiScan = defineCommand({
  path: "pii-scan",
  summary: "Find personal data: in which columns, how sure that is, and why",
  description:
    "Reads up to 1,000 random rows of each table, JSON to its leaves. `--fast` reads no table, only names, types, comments, " +
    "keys and the planner's statistics; `--full` reads every row. Values decide where they have check digits, names and what stands " +
    "beside them add to it. Read-only, in short transactions with short timeouts: safe on production and on a standby. Values are " +
    "only ever shown masked. What is no personal data is listed in policies/pii.yaml, with a reason.",
  examples: [
    { run: "pgwright pii-scan", says: "the report, with its reasons" },
    { run: "pgwright pii-scan --fast", says: "without reading a table" },
    { run: "pgwright pii-scan --json > pii.json", says: "for programs, and as a baseline" },
    {
      run: "pgwright pii-scan --baseline pii.json --fail-on likely",
      says: "exit 1 when there is more than before",
    },
  ],
  configure: (command) =>
    command
      .addOption(new Option("--fast", "read no table").default(false).conflicts("full"))
      .addOption(new Option("--full", "read every row").default(false))
      .option("--schema <name...>", "only these schemas")
      .option("--baseline <file>", "only what an earlier output (--json) does not have")
      .addOption(
        new Option(
          "--fail-on <level>",
          "exit 1 when a finding is at least this sure, or a table could not be read",
        ).choices(levels),
      ),
  async run(context, options): Promise<PiiResult & { annotations: readonly Finding[] }> {
    const { settings } = await context.config();
    const { annotate, runScan } = await import("../pii/run.ts");
    const { relative, resolve } = await import("node:path");
    const { schema, table } = settings.migrations;
    const { directory } = settings.policies;
    const result = await runScan(() => context.connect({ writes: false }), {
      level: options.fast ? "fast" : options.full ? "full" : "sample",
      schemas: options.schema,
      ledger: { schema, table },
      directory,
      shownDirectory: relative(context.workingDirectory, directory),
      baseline:
        options.baseline === undefined
          ? undefined
          : {
              path: resolve(context.workingDirectory, options.baseline),
              shown: options.baseline,
            },
      ...(settings.statement_timeout > 0 ? { statementTimeoutMs: settings.statement_timeout } : {}),
      events: context.events,
    });
    return Object.defineProperty(
      { ...result, annotations: [] as readonly Finding[] },
      "annotations",
      {
        enumerable: false,
        value: annotate(result.personal),
      },
    );
  },
  findings: (result) => result.findings,
  annotations: (result) => result.annotations,
  exit: ({ personal, findings }, { failOn }) => {
    if (failOn === undefined) return 0;
    const reached = levels.slice(0, levels.indexOf(failOn) + 1) as readonly Certainty[];
    const isFound = personal.some(({ level }) => reached.includes(level));
    return isFound || findings.some(({ rule }) => rule === "pii/unread") ? 1 : 0;
  },
  text: (result, view) =>
    [listAll(result, view), summarize(result, view)].filter((part) => part !== "").join("\n\n"),
});

/** Table by table; below each column the reasons. */
function listAll({ personal }: PiiResult, view: View): string {
  const { style } = view;
  const tableOf = ({ schema, table }: PiiFinding) => `${schema}.${table}`;
  const nameOf = ({ column, path }: PiiFinding) => path ?? column;
  const longest = Math.max(0, ...personal.map((one) => nameOf(one).length));
  const widest = Math.max(0, ...personal.map(({ entity }) => entity.length));
  const paint = { certain: style.red, likely: style.yellow, possible: style.cyan };
  const blocks: string[] = [];
  for (const table of new Set(personal.map(tableOf))) {
    const own = personal.filter((one) => tableOf(one) === table);
    const lines = own.flatMap((one) => [
      `  ${nameOf(one).padEnd(longest)}  ${one.entity.padEnd(widest)}  ${paint[one.level](one.level)} ${one.confidence.toFixed(2)}`,
      ...one.evidence.map((reason) => view.prose(`    ${style.dim(reason)}`, 4)),
    ]);
    blocks.push([style.bold(table), ...lines].join("\n"));
  }
  return blocks.join("\n\n");
}

function summarize(result: PiiResult, view: View): string {
  const { personal, baseline, level, columns, tables, rows, ignored } = result;
  const places = new Set(
    personal.map(({ schema, table, column }) => JSON.stringify([schema, table, column])),
  );
  const counts = levels
    .map((one) => [personal.filter((finding) => finding.level === one).length, one] as const)
    .filter(([count]) => count > 0)
    .map(([count, one]) => `${count} ${one}`);
  const what =
    baseline === null ? "personal data" : "personal data that the baseline does not have";
  // A document, or a text, may hold several kinds.
  const several =
    personal.length === places.size ? "" : `${view.plural(personal.length, "finding")}: `;
  const found =
    places.size === 0
      ? view.style.green(`no ${what}`)
      : `${what} in ${view.plural(places.size, "column")} (${several}${counts.join(", ")})`;
  const read =
    level === "fast"
      ? "no table was read"
      : `${view.plural(rows, "row")} read${level === "full" ? "" : ", a random sample"}`;
  const lines = [
    `${view.plural(columns, "column")} of ${view.plural(tables, "table")}, ${read}: ${found}`,
  ];
  if (baseline !== null) {
    lines.push(
      `${view.plural(baseline.known, "finding")} as in the baseline, ${baseline.gone} of it no more`,
    );
  }
  if (ignored > 0) lines.push(`${view.plural(ignored, "finding")} ignored in policies/pii.yaml`);
  return lines.map((line) => view.prose(line)).join("\n");
}
