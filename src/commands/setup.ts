import { defineCommand } from "../cli/command.ts";
import { migratorOptions, policyOptions } from "../cli/migrating.ts";
import { dryRun, lockWait, notOnline, online } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { SetupResult } from "../setup/setup.ts";

export const setup = defineCommand({
  path: "setup",
  summary: "Create the database and bring it to the current state",
  description:
    "Creates the database if it is missing, applies every pending migration, brings about what policies/ declares, fills the tables from seeds/, and refreshes materialized views that are not populated. " +
    "Seeds are applied where all tables are empty, on the embedded server or with --with-seed, and never to a protected database. A second run changes nothing.",
  examples: [
    { run: "pgwright setup", says: "everything, from nothing" },
    { run: "pgwright setup --embedded", says: "on the embedded PostgreSQL" },
    { run: "pgwright setup --with-seed", says: "on any other server, with the data of seeds/" },
    { run: "pgwright setup --dry-run", says: "print the SQL that is missing" },
  ],
  configure: (command) =>
    command
      .option(
        "--with-seed",
        "fill empty tables on a server that is not the embedded one too",
        false,
      )
      .addOption(online())
      .addOption(notOnline())
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const { setup } = await import("../setup/setup.ts");
    const { findTarget } = await import("../database/target.ts");
    const { settings } = await context.config();
    const { isEmbedded } = await context.place();
    return setup({
      ...(await migratorOptions(context, options.lockWait)),
      ...(await policyOptions(context)),
      prune: false,
      target: await findTarget(context),
      outOfOrder: false,
      allowNewer: false,
      dryRun: options.dryRun,
      online: options.online ?? settings.migrations.online,
      isNotOnlineAsked: options.online === false,
      seeding: {
        directory: settings.seeds.directory,
        scale: settings.setup.seed_scale,
        isEmbedded,
        isAsked: options.withSeed,
        workingDirectory: context.workingDirectory,
      },
    });
  },
  findings: ({ policies, sql }) => (sql === undefined ? (policies?.findings ?? []) : []),
  text: (result, view) => setupText(result, view),
});

function setupText(result: SetupResult, view: View): string {
  if (result.sql !== undefined) return result.sql === "" ? "-- everything is in place" : result.sql;
  const { style } = view;
  const { policies } = result;
  const { applied, repeated, schemaVersion } = result.migrations;
  const isBare = schemaVersion === "0.0.0" && applied.length + repeated.length === 0;
  const created = [
    ...(result.createdDatabase ? ["the database"] : []),
    ...(isBare && result.createdLedger ? ["the ledger of migrations"] : []),
  ];
  const done = [
    ...(created.length > 0 ? [`created ${created.join(" and ")}`] : []),
    ...(applied.length > 0 ? [`applied ${view.plural(applied.length, "migration")}`] : []),
    ...(policies && policies.applied.length > 0
      ? [`brought policies/ about with ${view.plural(policies.applied.length, "statement")}`]
      : []),
    ...(repeated.length > 0 ? [`ran ${view.plural(repeated.length, "repeatable file")}`] : []),
    ...(result.seeds.state === "filled" ? [seedText(result, view)] : []),
    ...(result.refreshed.length > 0
      ? [`refreshed ${view.plural(result.refreshed.length, "materialized view")}`]
      : []),
  ];
  const said =
    done.length > 0
      ? new Intl.ListFormat("en").format(done)
      : "everything is in place, nothing was changed";
  const lines = [
    `${style.green("✓")} ${said}: ${isBare ? "there are no migrations yet" : `schema version ${style.bold(schemaVersion)}`}`,
    ...(result.schemas.length > 0 ? ["", overview(result, view)] : []),
    "",
    view.next(
      ...(isBare ? ["pgwright new create_users"] : []),
      "pgwright status",
      "pgwright rollback --dry-run",
      "pgwright db psql",
      "pgwright doctor",
    ),
  ];
  return lines.join("\n");
}

function seedText({ seeds }: SetupResult, view: View): string {
  const rows = seeds.tables.reduce((sum, table) => sum + table.rows, 0);
  return `filled ${view.plural(seeds.tables.length, "table")} with ${view.plural(rows, "row")}`;
}

function overview({ schemas }: SetupResult, view: View): string {
  return view.table({
    columns: [
      { title: "schema" },
      { title: "tables", align: "right" },
      { title: "partitions", align: "right" },
      { title: "views", align: "right" },
      { title: "indexes", align: "right" },
      { title: "rows", align: "right" },
    ],
    rows: schemas.map((row) => [
      row.schema,
      ...[row.tables, row.partitions, row.views, row.indexes].map(String),
      row.rows === null ? "" : row.rows.toLocaleString("en"),
    ]),
  });
}
