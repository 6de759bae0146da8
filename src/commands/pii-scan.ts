import { defineCommand } from "../cli/command.ts";
import { Option } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { PiiFinding, PiiReport } from "../pii/report.ts";

export const piiScan = defineCommand({
  path: "pii-scan",
  summary: "Find personal data: in which columns, how sure that is, and why",
  description:
    "Reads up to 1,000 random rows of each table, JSON to its leaves; `--fast` reads no table, only names, types, comments, keys and the planner's statistics; `--full` every row. Read-only, in short transactions: safe on production and on a standby. Values are only ever shown masked.",
  examples: [
    { run: "pgwright pii-scan", says: "the report" },
    { run: "pgwright pii-scan --fast", says: "in a second, without reading a table" },
    { run: "pgwright pii-scan -v", says: "with the evidence for each finding" },
    { run: "pgwright pii-scan --json > pii.json", says: "for programs, and as a baseline" },
  ],
  configure: (command) =>
    command
      .addOption(new Option("--fast", "read no table").default(false).conflicts("full"))
      .addOption(new Option("--full", "read every row").default(false))
      .option("--schema <name...>", "only these schemas"),
  async run(context, options): Promise<{ report: PiiReport }> {
    const { settings } = await context.config();
    const { scan } = await import("../pii/scan.ts");
    await using session = await context.connect({ writes: false });
    const { schema, table } = settings.migrations;
    const report = await scan(session, {
      level: options.fast ? "fast" : options.full ? "full" : "sample",
      schemas: options.schema,
      ledger: { schema, table },
      events: context.events,
    });
    return { report };
  },
  text: ({ report }, view) => listAll(report, view),
});

function listAll({ findings }: PiiReport, view: View): string {
  return view.table({
    columns: [{ title: "column" }, { title: "what" }, { title: "confidence" }],
    rows: findings.flatMap((one) => [
      [nameOf(one), one.entity, `${one.level} ${one.confidence.toFixed(2)}`],
      ...(view.isVerbose ? one.evidence.map((line) => ["", "", line]) : []),
    ]),
  });
}

function nameOf({ schema, table, column, path }: PiiFinding): string {
  return `${schema}.${table}.${path ?? column}`;
}
