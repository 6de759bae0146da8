import { defineCommand } from "../cli/command.ts";
import type { View } from "../cli/render/view.ts";
import type { MigrationState, MigrationStatus, StatusResult } from "../migrate/status.ts";

export const status = defineCommand({
  path: "status",
  summary: "Show what is applied and what is pending",
  hiddenAliases: ["info"],
  examples: [
    { run: "pgwright status", says: "versions, states, and the schema's version" },
    { run: "pgwright status --exit-code", says: "exit 1 unless everything is applied" },
    { run: "pgwright status --json | jq .result.counts", says: "for programs" },
  ],
  configure: (command) =>
    command.option("--exit-code", "exit 1 when something is pending or wrong", false),
  async run(context) {
    const { settings } = await context.config();
    const { readStatus } = await import("../migrate/status.ts");
    await using session = await context.connect({ writes: false });
    const { directory, schema, table } = settings.migrations;
    return await readStatus(session, { directory, ledger: { schema, table } });
  },
  findings: (result) => result.findings,
  exit: (result, options) => (options.exitCode && !result.isUpToDate ? 1 : 0),
  text: (result, view) => statusText(result, view),
});

function statusText(result: StatusResult, view: View): string {
  const { style } = view;
  const lines: string[] = [];
  if (result.migrations.length > 0) {
    lines.push(
      view.table({
        columns: [
          { title: "version" },
          { title: "state" },
          { title: "applied at (UTC)" },
          { title: "change" },
          { title: "description" },
        ],
        rows: result.migrations.map((row) => [
          row.version,
          paintState(row.state, view) + (row.ranOnline ? style.dim(", online") : ""),
          row.appliedAt?.replace("T", " ").replace(/(\.\d+)?Z$/, "") ?? "",
          row.change ?? "",
          row.description,
        ]),
      }),
      "",
    );
  }
  for (const name of result.repeatables) lines.push(`${style.yellow("to repeat")} ${name}`);
  const { applied, pending } = result.counts;
  const interrupted = result.migrations.filter(({ state }) => state === "interrupted").length;
  const cutOff = interrupted === 0 ? "" : `, ${style.red(String(interrupted))} interrupted`;
  lines.push(
    `${view.plural(applied, "migration")} applied, ${pending === 0 ? "none" : style.yellow(String(pending))} pending${cutOff}, schema version ${style.bold(result.schemaVersion)}`,
  );
  const next = nextCommand(result);
  if (next) lines.push(view.next(next));
  return lines.join("\n");
}

function paintState(state: MigrationState, view: View): string {
  const { style } = view;
  switch (state) {
    case "applied":
    case "archived":
      return style.green(state);
    case "pending":
    case "ahead":
      return style.yellow(state);
    default:
      return style.red(state);
  }
}

function nextCommand(result: StatusResult): string | undefined {
  const has = (state: MigrationState) => result.migrations.some((row) => row.state === state);
  const isHalfRolledBack = ({ state, appliedAt }: MigrationStatus) =>
    state === "interrupted" && appliedAt !== null;
  if (result.migrations.some(isHalfRolledBack)) return "pgwright rollback";
  if (has("changed")) return "pgwright migrate   (shows what changed, and the way out)";
  if (has("interrupted")) return "pgwright migrate   (goes on, or shows the way out)";
  if (has("late")) return "pgwright migrate --out-of-order";
  if (has("pending") || result.repeatables.length > 0) {
    return "pgwright migrate";
  }
  return undefined;
}
