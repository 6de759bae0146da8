import { defineCommand } from "../../cli/command.ts";
import { Option, parseCount } from "../../cli/options.ts";
import { PgwrightError } from "../../errors.ts";

interface TakenSnapshot {
  /** As seen from the working directory; null in the table. */
  readonly file: string | null;
  /** In pgwright.query_snapshots; null in a file. */
  readonly id: string | null;
  readonly takenAt: string;
  readonly entries: number;
  /** Entries of other roles that this role may not see. */
  readonly hidden: number;
  /** Older ones that were deleted from the table. */
  readonly pruned: number;
}

export const slowQueriesSnapshot = defineCommand({
  path: "slow-queries snapshot",
  summary: "Keep the counters of this moment, to compare with later",
  description:
    "Writes what pg_stat_statements has of the database to a file, by default in .pgwright/slow-queries/, or to a table in the database itself. " +
    "The plans of the queries that take most time are kept with it, without running them. Nothing is reset. Constants of utility statements are masked.",
  examples: [
    { run: "pgwright slow-queries snapshot", says: "before a release, or every hour" },
    { run: "pgwright slow-queries snapshot -o before.jsonl", says: "to a file of your own" },
    {
      run: "pgwright slow-queries snapshot --table --keep 30d",
      says: "to pgwright.query_snapshots, from wherever cron runs",
    },
    { run: "pgwright slow-queries --since last", says: "what changed since" },
  ],
  configure: (command) =>
    command
      .addOption(new Option("-o, --output <file>", "write to this file").conflicts("table"))
      .option(
        "--table",
        "write to pgwright.query_snapshots, which is made where it is missing",
        false,
      )
      .option(
        "--keep <many>",
        "with --table: delete older ones than so many, or than an age such as 30d (1000 by default)",
      )
      .option("--plans <n>", "keep the plans of so many queries, 0 of none", parseCountOrNone, 100),
  async run(context, { output, table, keep, plans }): Promise<TakenSnapshot> {
    if (keep !== undefined && !table) {
      throw new PgwrightError("usage", "`--keep` needs `--table`", {
        hint: "files are never deleted by pgwright",
      });
    }
    const { parseKeep } = await import("../../insight/keep.ts");
    const limits = parseKeep(keep);
    const { join, relative, resolve } = await import("node:path");
    const { takeSnapshot } = await import("../../insight/snapshot.ts");
    const { directory, settings } = await context.config();
    await using session = await context.connect({ writes: table });
    const snapshot = await takeSnapshot(session, { top: plans });
    const { takenAt, entries, hidden = 0 } = snapshot;
    if (hidden > 0) {
      const message = `${hidden} statements of other roles are hidden from \`${session.server.role}\` and missing in it: a superuser can \`GRANT pg_read_all_stats\` to it`;
      context.events({ type: "notice", level: "warning", message });
    }
    const taken = { takenAt, entries, hidden };
    if (table) {
      const { storeSnapshot } = await import("../../insight/snapshot-table.ts");
      const { role } = settings.migrations;
      return {
        file: null,
        ...(await storeSnapshot(session, snapshot, { keep: limits, role })),
        ...taken,
      };
    }
    const { writeSnapshot } = await import("../../insight/snapshot-file.ts");
    const path = await writeSnapshot(snapshot, {
      directory: join(directory, ".pgwright", "slow-queries"),
      output: output === undefined ? undefined : resolve(context.workingDirectory, output),
    });
    return { file: relative(context.workingDirectory, path), id: null, ...taken, pruned: 0 };
  },
  text: ({ file, id, entries, pruned }, view) =>
    [
      `${view.plural(entries, "statement")} in ${view.style.bold(file ?? `table:${id} of pgwright.query_snapshots`)}`,
      ...(pruned === 0 ? [] : [`${view.plural(pruned, "older snapshot")} deleted`]),
      view.next("pgwright slow-queries --since last"),
    ].join("\n"),
});

function parseCountOrNone(text: string): number {
  return text === "0" ? 0 : parseCount(text);
}
