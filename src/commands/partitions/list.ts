import { defineCommand } from "../../cli/command.ts";
import type { View } from "../../cli/render/view.ts";
import type { ListedTable, PartitionList } from "../../policies/partitions/list.ts";

export const partitionsList = defineCommand({
  path: "partitions list",
  summary: "Show partitioned tables: how long they last, gaps, sizes",
  description:
    "Every partitioned table of the database, with those of policies/partitions.yaml compared to what is declared there. " +
    "`left` is the number of days until new rows have no partition; a `!` marks less than declared.",
  examples: [
    { run: "pgwright partitions list", says: "one line for each table" },
    { run: "pgwright partitions list --leaves", says: "every partition with bounds and size" },
    {
      run: "pgwright partitions list --json | jq '.result.tables[] | {table, daysLeft}'",
      says: "for monitoring",
    },
  ],
  configure: (command) =>
    command
      .option("--leaves", "show each partition", false)
      .option("--table <name...>", "only this table")
      .option("--as-of <date>", "judge as if it were this day"),
  async run(context, options): Promise<PartitionList> {
    const { mustReadPartitions, readAsOf, tableFilter } =
      await import("../../policies/partitions/choose.ts");
    const { listPartitions } = await import("../../policies/partitions/list.ts");
    const { settings } = await context.config();
    const declared = await mustReadPartitions(settings.policies.directory);
    const isWanted = tableFilter(options.table ?? []);
    const asOf = readAsOf(options.asOf);
    await using session = await context.connect({ writes: false });
    return await listPartitions(session, declared, { asOf, isWanted });
  },
  findings: (result) => result.findings,
  exit: () => 0,
  text(result, view, options) {
    if (result.tables.length === 0) return "No partitioned tables";
    if (!options.leaves) return overview(result, view);
    return result.tables.map((table) => leavesOf(table, view)).join("\n\n");
  },
});

function overview({ tables, mostCounted }: PartitionList, view: View): string {
  return view.table({
    columns: [
      { title: "table" },
      { title: "by" },
      { title: "parts", align: "right" },
      { title: "left", align: "right" },
      { title: "gaps", align: "right" },
      { title: "in default", align: "right" },
      { title: "size", align: "right" },
      { title: "from" },
      { title: "to" },
    ],
    rows: tables.map((table) => [
      table.isDeclared ? table.table : view.style.dim(table.table),
      table.strategy,
      String(table.count),
      daysOf(table, view),
      table.gaps.length === 0 ? "" : view.style.red(String(table.gaps.length)),
      defaultOf(table, mostCounted, view),
      view.bytes(table.bytes),
      shortBound(table.oldest),
      shortBound(table.newest),
    ]),
  });
}

function daysOf({ daysLeft, daysWanted }: ListedTable, { style }: View): string {
  if (daysLeft === null) return "";
  const text = `${daysLeft} d`;
  return daysWanted !== null && daysLeft < daysWanted ? style.red(`${text} !`) : text;
}

function defaultOf({ hasDefault, rowsInDefault }: ListedTable, most: number, view: View): string {
  if (!hasDefault) return "";
  if (rowsInDefault === null) return "?";
  const text = rowsInDefault > most ? `>${most}` : String(rowsInDefault);
  return rowsInDefault === 0 ? text : view.style.yellow(text);
}

/** "2024-01-01" of a midnight; anything else as it is. */
function shortBound(bound: string | null): string {
  return (bound ?? "").replace(/ 00:00:00(?:\.0+)?(?:\+00(?::00)?)?$/, "");
}

function leavesOf(table: ListedTable, view: View): string {
  const rows = table.leaves.map((leaf) => [
    leaf.name,
    view.style.dim(leaf.bound),
    leaf.rowsEstimate === null ? "?" : `~${Math.round(leaf.rowsEstimate)}`,
    view.bytes(leaf.bytes),
  ]);
  const columns = [
    { title: "partition" },
    { title: "bounds" },
    { title: "rows", align: "right" },
    { title: "size", align: "right" },
  ] as const;
  return `${view.style.bold(table.table)} (${table.strategy})\n${view.table({ columns, rows })}`;
}
