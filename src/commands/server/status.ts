import { defineCommand } from "../../cli/command.ts";
import type { View } from "../../cli/render/view.ts";
import type { EmbeddedStatus } from "../../db/embedded/server.ts";

export const serverStatus = defineCommand({
  path: "server status",
  summary: "Show whether the embedded server runs, where, and where its data is",
  description: "Starts nothing.",
  examples: [
    { run: "pgwright server status", says: "state, port, folders" },
    { run: "pgwright server status --exit-code --json", says: "the same for a script" },
  ],
  configure: (command) => command.option("--exit-code", "exit with 1 when it does not run", false),
  async run(context): Promise<EmbeddedStatus> {
    const { embeddedStatus } = await import("../../db/embedded/server.ts");
    return embeddedStatus(await context.embeddedLocation());
  },
  text: (status, view) => statusText(status, view),
  exit: ({ state }, { exitCode }) => (exitCode && state !== "running" ? 1 : 0),
});

function statusText(status: EmbeddedStatus, view: View): string {
  const { style } = view;
  if (status.state === "absent") {
    return ["This project has no embedded server yet", view.next("pgwright server start")].join(
      "\n",
    );
  }
  const colour = { running: style.green, broken: style.red }[status.state as string];
  const fields: [string, string | number | undefined][] = [
    ["state", (colour ?? style.yellow)(status.state)],
    ["problem", status.why],
    ["do", status.hint],
    ["address", status.host && `${status.host}:${status.port}`],
    ["database", status.database],
    ["process", status.pid],
    ["since", status.startedAt],
    ["version", status.version],
    ["data", status.dataDirectory],
    ["log", status.logFile],
  ];
  return [
    view.fields(
      fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
    ),
    ...(status.state === "stopped" ? [view.next("pgwright server start")] : []),
  ].join("\n");
}
