import { defineCommand } from "../cli/command.ts";
import { migratorOptions, policyOptions } from "../cli/migrating.ts";
import { dryRun, lockWait } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { SetupResult } from "../setup/setup.ts";

export const setup = defineCommand({
  path: "setup",
  summary: "Create the database and bring it to the current state",
  description:
    "Creates the database if it is missing, applies every pending migration, and brings about what policies/ declares. A second run changes nothing.",
  examples: [
    { run: "pgwright setup", says: "everything, from nothing" },
    { run: "pgwright setup --embedded", says: "on the embedded PostgreSQL" },
    { run: "pgwright setup --dry-run", says: "print the SQL that is missing" },
  ],
  configure: (command) => command.addOption(lockWait()).addOption(dryRun()),
  async run(context, options) {
    const { setup } = await import("../setup/setup.ts");
    const { findTarget } = await import("../database/target.ts");
    return setup({
      ...(await migratorOptions(context, options.lockWait)),
      ...(await policyOptions(context)),
      prune: false,
      target: await findTarget(context),
      outOfOrder: false,
      allowNewer: false,
      dryRun: options.dryRun,
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

function overview({ schemas }: SetupResult, view: View): string {
  return view.table({
    columns: [
      { title: "schema" },
      { title: "tables", align: "right" },
      { title: "partitions", align: "right" },
      { title: "views", align: "right" },
      { title: "indexes", align: "right" },
    ],
    rows: schemas.map((row) => [
      row.schema,
      ...[row.tables, row.partitions, row.views, row.indexes].map(String),
    ]),
  });
}
