import { defineCommand } from "../../cli/command.ts";
import { migratorOptions } from "../../cli/migrating.ts";
import { dryRun, lockWait, parseCount } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { Finding } from "../../findings.ts";
import type { MaintainedTable, MaintainResult } from "../../policies/partitions/maintain.ts";

interface MaintainView extends MaintainResult {
  readonly findings: readonly Finding[];
  /** Something was committed: a run that postponed the rest is no longer one that did nothing. */
  readonly hasChanged: boolean;
}

export const partitionsMaintain = defineCommand({
  path: "partitions maintain",
  summary: "Create, fill and retire partitions as policies/partitions.yaml says",
  description:
    "Safe at any time and as often as wanted, also several times at once: what is there stays as it is. " +
    "Rows in a default partition are moved to where they belong, in batches, each seen by everybody at every moment. " +
    "A table on which an index is being built is left for the next run; a table that fails does not keep the others.",
  examples: [
    { run: "pgwright partitions maintain", says: "from cron, every day" },
    { run: "pgwright partitions maintain --dry-run", says: "print the SQL, change nothing" },
    {
      run: "pgwright partitions maintain --table social_service.social_posts",
      says: "one table only",
    },
    {
      run: "pgwright partitions maintain --dry-run --as-of 2027-01-31",
      says: "what will be due then",
    },
  ],
  configure: (command) =>
    command
      .option("--table <name...>", "only this table, as in partitions.yaml")
      .option(
        "--as-of <date>",
        "create as if it were this day; later than today, only --dry-run shows what is retired then",
      )
      .option("--batch-size <rows>", "rows moved in one transaction", parseCount, 10_000)
      .option("--allow-data-loss", "let `drop: true` drop partitions with rows", false)
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options): Promise<MaintainView> {
    const { chooseTables, mustReadPartitions, readAsOf } =
      await import("../../policies/partitions/choose.ts");
    const { settings } = await context.config();
    const declared = chooseTables(
      await mustReadPartitions(settings.policies.directory),
      options.table ?? [],
    );
    const asOf = readAsOf(options.asOf);
    const migrator = await migratorOptions(context, options.lockWait);
    if (options.dryRun) {
      const { rehearseMaintain } = await import("../../policies/partitions/rehearse.ts");
      await using session = await context.connect({ writes: false, direct: true });
      const { sql, findings } = await rehearseMaintain(session, declared, { ...migrator, asOf });
      if (context.globals.format === "json")
        return { tables: [], sql, findings, hasChanged: false };
      // stdout is SQL and nothing else.
      for (const { message } of findings) {
        context.events({ type: "notice", level: "warning", message });
      }
      return { tables: [], sql, findings: [], hasChanged: false };
    }
    const { maintain } = await import("../../policies/partitions/maintain.ts");
    const { hasChanged, throwFailed } = await import("../../policies/partitions/failure.ts");
    const { allowDataLoss, batchSize: batchRows } = options;
    const result = await maintain({ ...migrator, declared, asOf, allowDataLoss, batchRows });
    throwFailed(result);
    const findings = result.tables.flatMap((table) => table.findings);
    return { ...result, findings, hasChanged: result.tables.some(hasChanged) };
  },
  findings: (result) => result.findings,
  exit: ({ tables, hasChanged }) => {
    if (tables.every(({ state }) => state === "done")) return 0;
    return hasChanged ? 4 : 3;
  },
  text: (result, view) =>
    result.sql === undefined
      ? result.tables.flatMap((table) => describe(table, view)).join("\n")
      : result.sql || "-- nothing is missing",
});

function describe(table: MaintainedTable, view: View): string[] {
  const { style } = view;
  const { created, changed, moved, detached, dropped } = table;
  const rows = dropped.reduce((sum, one) => sum + one.rows, 0);
  const parts = [
    ...(created.length > 0 ? [`created ${namesOf(created, view)}`] : []),
    ...(moved > 0 ? [`moved ${view.plural(moved, "row")} out of the default partition`] : []),
    ...(changed.length > 0 ? [`ran ${view.plural(changed.length, "statement")} on others`] : []),
    ...(detached.length > 0 ? [`detached ${namesOf(detached, view)}`] : []),
    ...(dropped.length > 0
      ? [
          `dropped ${namesOf(
            dropped.map((one) => one.table),
            view,
          )} with ${view.plural(rows, "row")}`,
        ]
      : []),
  ];
  const done = parts.length > 0 ? parts.join("; ") : "nothing to do";
  const lines = [];
  if (table.state === "done" || parts.length > 0) lines.push(`${style.bold(table.table)}: ${done}`);
  if (table.state === "done") return lines;
  return [...lines, `${style.bold(table.table)} ${style.yellow("postponed")}: ${table.reason}`];
}

function namesOf(names: readonly string[], view: View): string {
  return names.length <= 3
    ? names.join(", ")
    : `${view.plural(names.length, "partition")} from ${names[0]} to ${names.at(-1)}`;
}
