import { defineCommand } from "../cli/command.ts";
import { Option, parseCount } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { Query, QueryReport } from "../insight/report.ts";

const orders = [
  "total",
  "mean",
  "calls",
  "rows",
  "io",
  "temp",
  "wal",
  "planning",
  "variation",
] as const;

export const slowQueries = defineCommand({
  path: "slow-queries",
  summary: "Show what the server spends its time on, and why",
  description:
    "Reads pg_stat_statements, and never resets it. Reads nothing from tables: a plan is made, not run.",
  examples: [
    { run: "pgwright slow-queries", says: "the queries that take most of the time" },
    {
      run: "pgwright slow-queries --sort mean --min-calls 100",
      says: "the slowest of the frequent",
    },
    {
      run: "pgwright slow-queries --role app --matching orders",
      says: "of one role, about one table",
    },
    { run: "pgwright slow-queries --json | jq .findings", says: "for programs" },
  ],
  configure: (command) =>
    command
      .addOption(
        new Option("--sort <by>", "what comes first").choices(orders).default("total" as const),
      )
      .option("--limit <n>", "at most so many", parseCount, 20)
      .option("--min-calls <n>", "only what was called so often", parseCount, 1)
      .option("--role <name>", "only what this role ran")
      .option("--database <name>", "of this database; the connected one by default")
      .option("--all-databases", "of every database of the server", false)
      .option("--matching <text>", "only statements with this in their text"),
  async run(context, { allDatabases, database, ...choice }): Promise<QueryReport> {
    const { reportQueries } = await import("../insight/report.ts");
    await using session = await context.connect({ writes: false });
    return await reportQueries(session, {
      ...choice,
      database: allDatabases ? undefined : (database ?? session.server.database),
    });
  },
  findings: (report) => report.findings,
  text: (report, view) =>
    [listQueries(report, view), summarize(report, view)].filter((part) => part !== "").join("\n\n"),
});

// Columns before the text, at most; what is left of the width is the text's.
const before = 62;

function listQueries({ queries }: QueryReport, view: View): string {
  if (queries.length === 0) return "";
  const room = Math.max(24, view.width - before);
  return view.table({
    columns: [
      { title: "query" },
      { title: "share", align: "right" },
      { title: "total", align: "right" },
      { title: "calls", align: "right" },
      { title: "mean", align: "right" },
      { title: "rows", align: "right" },
      { title: "cached", align: "right" },
      { title: "text" },
    ],
    rows: queries.map((query) => [
      view.style.cyan(query.id.slice(0, 8)),
      `${(query.share * 100).toFixed(1)} %`,
      view.duration(query.totalMs),
      view.count(query.calls),
      view.duration(query.meanMs),
      rowsText(query),
      query.hitRatio === null ? "" : `${Math.floor(query.hitRatio * 100)} %`,
      cut(query.text, room),
    ]),
  });
}

/** Rows of one call. */
function rowsText({ rowsPerCall }: Query): string {
  return rowsPerCall < 10 ? String(Math.round(rowsPerCall * 10) / 10) : rowsPerCall.toFixed(0);
}

function cut(text: string, most: number): string {
  const line = Array.from(text.replaceAll(/\s+/g, " ").trim());
  return line.length <= most ? line.join("") : `${line.slice(0, most - 1).join("")}…`;
}

function summarize({ queries, statistics, sort }: QueryReport, view: View): string {
  const { totals, since } = statistics;
  if (queries.length === 0) return "No recorded statement matches";
  const shown = queries.reduce((sum, { share }) => sum + share, 0);
  return view.prose(
    `${queries.length} of ${view.plural(totals.entries, "statement")}, by ${sort}: ${(shown * 100).toFixed(0)} % of ${view.duration(totals.totalMs)}${since === null ? "" : ` since ${since.slice(0, 16).replace("T", " ")}`}`,
  );
}
