import { defineCommand } from "../../cli/command.ts";

interface TakenSnapshot {
  /** As seen from the working directory. */
  readonly file: string;
  readonly takenAt: string;
  readonly entries: number;
  /** Entries of other roles that this role may not see. */
  readonly hidden: number;
}

export const slowQueriesSnapshot = defineCommand({
  path: "slow-queries snapshot",
  summary: "Keep the counters of this moment, to compare with later",
  description:
    "Writes what pg_stat_statements has of the database to a file, by default in .pgwright/slow-queries/. Nothing is reset. Constants of utility statements are masked.",
  examples: [
    { run: "pgwright slow-queries snapshot", says: "before a release, or every hour" },
    { run: "pgwright slow-queries snapshot -o before.jsonl", says: "to a file of your own" },
    { run: "pgwright slow-queries --since last", says: "what changed since" },
  ],
  configure: (command) => command.option("-o, --output <file>", "write to this file"),
  async run(context, { output }): Promise<TakenSnapshot> {
    const { join, relative, resolve } = await import("node:path");
    const { takeSnapshot, writeSnapshot } = await import("../../insight/snapshot.ts");
    const { directory } = await context.config();
    await using session = await context.connect({ writes: false });
    const snapshot = await takeSnapshot(session);
    const path = await writeSnapshot(snapshot, {
      directory: join(directory, ".pgwright", "slow-queries"),
      output: output === undefined ? undefined : resolve(context.workingDirectory, output),
    });
    const { takenAt, entries, hidden = 0 } = snapshot;
    if (hidden > 0) {
      const message = `${hidden} statements of other roles are hidden from \`${session.server.role}\` and missing in it: a superuser can \`GRANT pg_read_all_stats\` to it`;
      context.events({ type: "notice", level: "warning", message });
    }
    return { file: relative(context.workingDirectory, path), takenAt, entries, hidden };
  },
  text: ({ file, entries }, view) =>
    `${view.plural(entries, "statement")} in ${view.style.bold(file)}\n${view.next("pgwright slow-queries --since last")}`,
});
