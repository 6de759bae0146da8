import { defineCommand } from "../cli/command.ts";
import { allowDataLoss, dryRun, parseScale } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { SeedResult } from "../seed/seed.ts";

export const seed = defineCommand({
  path: "seed",
  summary: "Fill tables with data that their schema accepts",
  description:
    "Types, keys and checks are read from the database; files of seeds/ say more: how many rows, which values, " +
    "reference data in SQL. The same seed gives the same data on every machine and every version of PostgreSQL. " +
    "Everything is written in one transaction. Tables that have rows are left as they are. Protected databases are refused.",
  examples: [
    { run: "pgwright seed", says: "fill every empty table" },
    { run: "pgwright seed --dry-run", says: "order, numbers of rows, generators" },
    { run: "pgwright seed --scale 10", says: "ten times the rows" },
    { run: "pgwright seed --tables shop.orders --append", says: "more rows for one table" },
    { run: "pgwright seed --truncate --allow-data-loss", says: "empty the tables first" },
  ],
  configure: (command) =>
    command
      .option("--seed <text>", "other data than that of the seed files")
      .option("--scale <factor>", "multiply the numbers of rows", parseScale, 1)
      .option("--tables <name...>", "only these tables")
      .option("--append", "add rows to tables that have some", false)
      .option("--truncate", "empty the tables first", false)
      .option("--as-of <date>", "the date that all times hang on; `now` is this moment")
      .addOption(allowDataLoss())
      .addOption(dryRun("the plan")),
  async run(context, options): Promise<SeedResult> {
    const { settings } = await context.config();
    const { readSeeds } = await import("../seed/read.ts");
    const { readReferenceDate, refuseBoth } = await import("../seed/options.ts");
    refuseBoth(options);
    const { isProtected } = await context.place();
    const asOf = readReferenceDate(options.asOf);
    const { request, reference, places } = await readSeeds(
      settings.seeds.directory,
      { seed: options.seed, scale: options.scale, asOf },
      context.workingDirectory,
    );
    const { mustReadPartitions } = await import("../policies/partitions/choose.ts");
    const partitions = await mustReadPartitions(settings.policies.directory);
    const { seed: run } = await import("../seed/seed.ts");
    const { schema, table, role } = settings.migrations;
    await using session = await context.connect({ writes: true, direct: true });
    return await run(session, {
      request,
      reference,
      places,
      ledger: { schema, table },
      role,
      isProtected,
      tables: options.tables ?? [],
      append: options.append,
      truncate: options.truncate,
      allowDataLoss: options.allowDataLoss,
      dryRun: options.dryRun,
      partitions,
      lockTimeoutMs: settings.lock_timeout,
      events: context.events,
    });
  },
  text: (result, view) => [...describe(result, view), ...keptLines(result, view)].join("\n"),
});

function describe(
  { tables, loaded, partitions, isDryRun, asOf, seed: name }: SeedResult,
  view: View,
): string[] {
  if (tables.length === 0) return ["nothing to fill"];
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const { style } = view;
  if (!isDryRun) {
    const filled = loaded.filter((one) => !one.filledByTriggers);
    const kept = filled.reduce((sum, one) => sum + one.rows, 0);
    return [
      ...(partitions.length === 0 ? [] : [`made ${view.plural(partitions.length, "partition")}`]),
      style.green(`filled ${view.plural(filled.length, "table")} with ${view.plural(kept, "row")}`),
      ...filled
        .filter((one) => one.rows !== one.sent)
        .map((one) =>
          style.yellow(
            `${one.table}: ${view.plural(one.sent, "row")} sent, ${one.rows} kept; its triggers left the others out`,
          ),
        ),
    ];
  }
  return [
    `seed ${name}, as of ${asOf}: ${view.plural(rows, "row")}`,
    ...partitions.flatMap(({ partition, sql }) => [
      `${style.bold(partition)}: a partition that is made first`,
      ...sql.map((statement) => `  ${statement};`),
    ]),
    ...tables.flatMap((one) => [
      `${style.bold(one.table)}: ${view.plural(one.rows, "row")}, about ${Math.ceil(one.bytes / 1024)} kB`,
      ...one.columns.map(({ name: column, how }) => `  ${column}: ${how}`),
      ...(one.lateIndexes.length === 0
        ? []
        : [`  built after the rows: ${one.lateIndexes.map(({ name }) => name).join(", ")}`]),
      ...(one.lateKeys.length === 0
        ? []
        : [`  checked after the rows: ${one.lateKeys.map(({ name }) => name).join(", ")}`]),
      ...(one.perParent === null
        ? []
        : [
            `  up to ${one.perParent.most} rows for each parent, not ${one.perParent.asked}: at this scale, a unique key allows no more`,
          ]),
      ...one.keptFully.map((index) => `  unique in all rows, not only where it asks: ${index}`),
      ...one.judgedBy.map((check) => `  judged by the server: ${check}`),
    ]),
  ];
}

function keptLines({ kept }: SeedResult, view: View): string[] {
  if (kept.length === 0) return [];
  return [
    view.style.dim(
      `left as they are, with rows: ${kept.join(", ")} (--append adds, --truncate empties)`,
    ),
  ];
}
