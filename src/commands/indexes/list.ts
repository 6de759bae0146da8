import { defineCommand } from "../../cli/command.ts";
import { failOn, Option, parseAge } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import { reaches } from "../../findings.ts";
import type { IndexReport, ListedIndex } from "../../indexes/list.ts";
import type { IndexAdvice } from "../../insight/advise.ts";

interface Result extends IndexReport {
  /** With `--workload`. */
  readonly workload?: IndexAdvice;
  /** With `--write-migration`, the file. */
  readonly migration?: string;
}

// Those behind it have hardly a share of the load, and each is planned.
const plannedQueries = 100;

// Below this, a column for the table leaves the others no room.
const wide = 100;

export const indexesList = defineCommand({
  path: "indexes list",
  summary: "List the indexes, and what is wrong with them",
  description:
    "Finds indexes that are invalid, unused, duplicates of others, covered by wider ones or on nothing but a common boolean value, and foreign keys without an index, each with the SQL to mend it. A partitioned table is judged as one. Reads only.",
  examples: [
    { run: "pgwright indexes list", says: "every index, and the findings" },
    { run: "pgwright indexes list --table orders", says: "those of one table" },
    { run: "pgwright indexes list --fail-on warning", says: "exit 1 when one needs attention" },
    { run: "pgwright indexes list --workload", says: "and those that slow queries ask for" },
    { run: "pgwright indexes list --json | jq .findings", says: "for programs" },
  ],
  configure: (command) =>
    command
      .option("--table <table>", "only the indexes of this table")
      .option("--schema <schema>", "only the tables of this schema")
      .option("--all", "the parts of partitioned indexes and findings on small tables too", false)
      .addOption(
        new Option("--min-age <duration>", "how long an index must be idle to be called unused")
          .argParser(parseAge)
          .default(30 * 86_400, "30d"),
      )
      .option("--workload", "also indexes that the recorded queries ask for", false)
      .option("--write-migration", "write the migration that builds those", false)
      .addOption(failOn()),
  async run(context, options): Promise<Result> {
    const { settings } = await context.config();
    const { listIndexes } = await import("../../indexes/list.ts");
    await using session = await context.connect({ writes: false });
    const { schema, table, directory } = settings.migrations;
    const report = await listIndexes(session, { ...options, ledger: { schema, table } });
    if (!options.workload && !options.writeMigration) return report;
    const { adviseIndexes, migrationText } = await import("../../insight/advise.ts");
    const workload = await adviseIndexes(session, plannedQueries);
    if (!options.writeMigration) return { ...report, workload };
    const { createMigration } = await import("../../migrate/new.ts");
    const { relative } = await import("node:path");
    const created = await createMigration(directory, "add indexes for slow queries", {
      language: "sql",
      isRepeatable: false,
      text: migrationText(workload),
      now: new Date(),
    });
    return { ...report, workload, migration: relative(context.workingDirectory, created.path) };
  },
  findings: (report) => report.findings,
  exit: ({ findings }, { failOn }) => (failOn !== undefined && reaches(findings, failOn) ? 1 : 0),
  text: (report, view) =>
    [listAll(report, view), summarize(report, view), listWorkload(report, view)]
      .filter((part) => part !== "")
      .join("\n\n"),
});

/** What the slow queries ask for, and the migration that was written. */
function listWorkload({ workload, migration }: Result, view: View): string {
  if (workload === undefined) return "";
  const since = workload.since === null ? "" : ` since ${workload.since.slice(0, 10)}`;
  const from = `the ${view.plural(workload.planned, "query", "queries")} that took most time${since}`;
  if (workload.indexes.length === 0) return `No index is missing for ${from}`;
  const blocks = workload.indexes.map(
    ({ sql, gain, bytes, writes, queries, extensions }) =>
      `${[...extensions.map((name) => `CREATE EXTENSION IF NOT EXISTS ${name};`), sql].map((line) => view.style.cyan(line)).join("\n")}\n${view.prose(
        `  about ${view.bytes(bytes)}, reads ${view.count(Math.round(gain))} times less; ${view.count(writes)} writes so far would have kept it up`,
        2,
      )}\n${queries.map(({ id, share, text }) => `  ${id.slice(0, 8)}  ${(share * 100).toFixed(1)} %  ${cut(text, Math.max(30, view.width - 24))}`).join("\n")}`,
  );
  const written =
    migration === undefined
      ? view.next("pgwright indexes list --write-migration")
      : `Created ${view.style.bold(migration)}\n${view.next("pgwright migrate --dry-run", "pgwright migrate")}`;
  return [`Asked for by ${from}:`, ...blocks, written].join("\n\n");
}

function cut(text: string, most: number): string {
  const line = Array.from(text.replaceAll(/\s+/g, " ").trim());
  return line.length <= most ? line.join("") : `${line.slice(0, most - 1).join("")}…`;
}

function listAll({ indexes }: IndexReport, view: View): string {
  if (indexes.length === 0) return "";
  if (view.width >= wide) {
    return view.table({
      columns: [{ title: "table" }, ...columnsOf()],
      rows: indexes.map((index) => [index.table, ...cellsOf(index, view)]),
    });
  }
  const tables = [...new Set(indexes.map(({ table }) => table))];
  return tables
    .map((table) => {
      const own = indexes.filter((index) => index.table === table);
      const rows = own.map((index) => cellsOf(index, view));
      return `${view.style.bold(table)}\n${view.table({ columns: columnsOf(), rows })}`;
    })
    .join("\n\n");
}

function columnsOf() {
  return [
    { title: "index" },
    { title: "size", align: "right" },
    { title: "scans", align: "right" },
    { title: "kind" },
    { title: "columns" },
  ] as const;
}

/** The schema is the table's; btree is what people expect. */
function cellsOf(index: ListedIndex, view: View): string[] {
  const kind = index.kind.endsWith("invalid") ? view.style.yellow(index.kind) : index.kind;
  return [
    index.name,
    view.bytes(index.bytes),
    view.count(index.scans),
    kind,
    index.definition.replace(/^btree /, ""),
  ];
}

function summarize(report: IndexReport, view: View): string {
  const { indexes, statistics, findings } = report;
  const total = indexes.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = [
    `${view.plural(indexes.length, "index")}, ${view.bytes(total)}: ${findings.length === 0 ? view.style.green("nothing found") : view.plural(findings.length, "finding")}`,
  ];
  const age = view.age(statistics.ageSeconds);
  if (!statistics.isCounting) {
    lines.push("track_counts is off: scans are not counted, so no index is called unused");
  } else if (!statistics.canTellUnused) {
    lines.push(
      `the statistics are only ${age} old: no index is called unused before ${view.age(statistics.minAgeSeconds)} (--min-age)`,
    );
  } else {
    lines.push(
      `scans are counted since ${statistics.since.slice(0, 10)}, on this server only: replicas count for themselves`,
    );
  }
  return lines.map((line) => view.prose(line)).join("\n");
}
