import { defineCommand } from "../cli/command.ts";
import { failOn, Option, parseCount } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import { reaches } from "../findings.ts";
import type { Query, QueryReport } from "../insight/report.ts";
import type { SinceReport } from "../insight/since.ts";

/** With `--html`, the file that was written, as it was named. */
type Result = (QueryReport | SinceReport) & { readonly html?: string };

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
    {
      run: "pgwright slow-queries --since last --fail-on-regression",
      says: "what changed since the last snapshot; exit 1 when something is slower",
    },
    { run: "pgwright slow-queries --html report.html", says: "with charts and plans" },
    { run: "pgwright slow-queries --json | jq .findings", says: "for programs" },
  ],
  configure: (command) =>
    command
      .addOption(
        new Option("--sort <by>", "what comes first; with --since, what changed does")
          .choices(orders)
          .default("total" as const),
      )
      .option("--limit <n>", "at most so many", parseCount, 20)
      .option("--min-calls <n>", "only what was called so often", parseCount, 1)
      .option("--role <name>", "only what this role ran")
      .option("--database <name>", "of this database; the connected one by default")
      .option("--all-databases", "of every database of the server", false)
      .option("--matching <text>", "only statements with this in their text")
      .option(
        "--since <snapshot>",
        "what changed since: a file, `table:<id>`, `last`, a time, or an age such as 2h",
      )
      .option("--until <snapshot>", "up to this one in place of now")
      .option("--fail-on-regression", "exit 1 when a query became slower (with --since)", false)
      .option("--html <file>", "write the whole report as one file for browsers")
      .addOption(failOn()),
  async run(context, options): Promise<Result> {
    const { since, until, html, limit } = options;
    if (since === undefined && (until !== undefined || options.failOnRegression)) {
      throw new PgwrightError(
        "usage",
        `\`${until === undefined ? "--fail-on-regression" : "--until"}\` needs \`--since\``,
        { hint: "pgwright slow-queries snapshot, and later: pgwright slow-queries --since last" },
      );
    }
    if (since !== undefined && (options.allDatabases || options.database !== undefined)) {
      throw new PgwrightError("usage", "a snapshot is of one database, the connected one", {
        hint: "leave out --database and --all-databases, or connect to the other database with --url",
      });
    }
    const { join, relative, resolve } = await import("node:path");
    const { directory, settings } = await context.config();
    const { workingDirectory } = context;
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    const place = { directory: join(directory, ".pgwright", "slow-queries"), workingDirectory };
    const { sort, minCalls, role, matching } = options;
    const named = options.database ?? session.server.database;
    const database = options.allDatabases ? undefined : named;
    const choice = { sort, limit, minCalls, role, matching, database };
    const ledger = { schema, table };
    const ask = async (): Promise<Result> => {
      if (since === undefined) {
        const { reportQueries } = await import("../insight/report.ts");
        return reportQueries(session, choice);
      }
      const { reportSince } = await import("../insight/since.ts");
      return reportSince(session, { ...choice, ...place, since, until, ledger, now: new Date() });
    };
    const result = await ask();
    if (html === undefined) return result;
    const { writeHtmlReport } = await import("../insight/html/write.ts");
    const { readDeclaredMatviews } = await import("../insight/matviews/declared.ts");
    const { directory: policies } = settings.policies;
    const declared = await readDeclaredMatviews(policies, relative(workingDirectory, policies));
    const path = resolve(workingDirectory, html);
    await writeHtmlReport(session, path, result, { ...choice, ...place, ledger, declared });
    return { ...result, html };
  },
  findings: (report) => report.findings,
  exit: (result, options) =>
    (options.failOnRegression && "judged" in result && result.queries.some(isSlower)) ||
    (options.failOn !== undefined && reaches(result.findings, options.failOn))
      ? 1
      : 0,
  text: (result, view) =>
    ("judged" in result
      ? [listChanges(result, view), summarizeChanges(result, view)]
      : [listQueries(result, view), summarize(result, view)]
    )
      .concat(result.html === undefined ? [] : [`Wrote ${view.style.bold(result.html)}`])
      .filter((part) => part !== "")
      .join("\n\n"),
});

function isSlower({ change }: SinceReport["queries"][number]): boolean {
  return change === "slower";
}

interface Column<T> {
  readonly title: string;
  /** At most so many characters, as a rule. */
  readonly wide: number;
  /** In a narrow terminal the highest goes first; without, it always stays. */
  readonly spare?: number;
  readonly align?: "right";
  cell(query: T): string;
}

// Fewer characters of a text say nothing; the number of blanks is the table's.
const [shortestText, gap] = [24, 2];

/** The columns that fit, and the text in what is left of the width. */
function fitTable<T extends { readonly text: string }>(
  view: View,
  queries: readonly T[],
  all: readonly Column<T>[],
): string {
  const room = (columns: readonly Column<T>[]) =>
    view.width - columns.reduce((sum, { wide }) => sum + wide + gap, 0);
  let columns = all;
  while (room(columns) < shortestText) {
    const spares = columns.map(({ spare = 0 }) => spare);
    const most = Math.max(...spares);
    if (most === 0) break;
    columns = columns.filter(({ spare }) => spare !== most);
  }
  const left = Math.max(12, room(columns));
  return view.table({
    columns: [
      ...columns.map(({ title, align }) => (align === undefined ? { title } : { title, align })),
      { title: "text" },
    ],
    rows: queries.map((query) => [
      ...columns.map((column) => column.cell(query)),
      cut(query.text, left),
    ]),
  });
}

function listQueries({ queries }: QueryReport, view: View): string {
  if (queries.length === 0) return "";
  return fitTable<Query>(view, queries, [
    { title: "query", wide: 8, cell: ({ id }) => view.style.cyan(id.slice(0, 8)) },
    {
      title: "share",
      wide: 6,
      align: "right",
      cell: ({ share }) => `${(share * 100).toFixed(1)} %`,
    },
    { title: "total", wide: 8, align: "right", cell: ({ totalMs }) => view.duration(totalMs) },
    { title: "calls", wide: 8, align: "right", spare: 1, cell: ({ calls }) => view.count(calls) },
    { title: "mean", wide: 8, align: "right", cell: ({ meanMs }) => short(meanMs) },
    { title: "rows", wide: 5, align: "right", spare: 2, cell: rowsText },
    {
      title: "cached",
      wide: 6,
      align: "right",
      spare: 3,
      cell: ({ hitRatio }) => (hitRatio === null ? "" : `${Math.floor(hitRatio * 100)} %`),
    },
  ]);
}

/** Rows of one call. */
function rowsText({ rowsPerCall }: Query): string {
  return rowsPerCall < 10 ? String(Math.round(rowsPerCall * 10) / 10) : rowsPerCall.toFixed(0);
}

/** On one line, where a comment in front would take the query with it. */
function cut(text: string, most: number): string {
  const bare = text.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[^]*?\*\/)+/, "") || text;
  const line = Array.from(bare.replaceAll(/\s+/g, " ").trim());
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

type Changed = SinceReport["queries"][number];

function listChanges({ queries }: SinceReport, view: View): string {
  if (queries.length === 0) return "";
  const paint = { slower: view.style.red, new: view.style.yellow, faster: view.style.green };
  const changeText = ({ change, ratio, planChange }: Changed) => {
    const text = ["slower", "faster"].includes(change) ? `${change} ${factor(ratio)}` : change;
    const painted = change in paint ? paint[change as keyof typeof paint](text) : text;
    return planChange === null ? painted : `${painted}${view.style.yellow(", new plan")}`;
  };
  const isPlanned = queries.some(({ planChange }) => planChange !== null);
  return fitTable<Changed>(view, queries, [
    { title: "query", wide: 8, cell: ({ id }) => view.style.cyan(id.slice(0, 8)) },
    { title: "change", wide: isPlanned ? 22 : 12, cell: changeText },
    { title: "calls", wide: 8, align: "right", spare: 1, cell: ({ calls }) => view.count(calls) },
    {
      title: "before",
      wide: 8,
      align: "right",
      cell: ({ meanBeforeMs }) => (meanBeforeMs === null ? "" : short(meanBeforeMs)),
    },
    {
      title: "now",
      wide: 8,
      align: "right",
      cell: ({ change, meanMs }) => (change === "gone" ? "" : short(meanMs)),
    },
    {
      title: "total",
      wide: 8,
      align: "right",
      spare: 2,
      cell: ({ totalMs }) => view.duration(totalMs),
    },
  ]);
}

/** How many times as long, or as short. */
function factor(ratio: number | null): string {
  if (ratio === null || ratio === 0) return "";
  return `${(ratio < 1 ? 1 / ratio : ratio).toFixed(1)} ×`;
}

/** Milliseconds with as many digits as matter. */
function short(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return `${ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : ms < 100 ? 1 : 0)} ms`;
}

function summarizeChanges(report: SinceReport, view: View): string {
  const { since, until, seconds, calls, totalMs, notes, migrations, queries } = report;
  const at = (time: string) => time.slice(0, 16).replace("T", " ");
  const load =
    seconds <= 0 ? "" : `, ${((totalMs / seconds / 1000) * 100).toFixed(1)} % of one core`;
  const lines = [
    `${at(since.takenAt)} to ${at(until.takenAt)} UTC (${view.age(Math.max(0, seconds))}): ${view.plural(calls, "call")} in ${view.duration(totalMs)}${load}`,
    ...notes.map((note) => `${view.style.yellow("note:")} ${note}`),
    ...(migrations.length === 0
      ? []
      : [
          `applied in between: ${migrations.map(({ file, version }) => file ?? version).join(", ")}`,
        ]),
  ];
  if (queries.length === 0) lines.push("no query was called in either");
  return lines.map((line) => view.prose(line)).join("\n");
}
