import { defineCommand } from "../../cli/command.ts";

export const serverStop = defineCommand({
  path: "server stop",
  summary: "Stop the embedded server; its data stays",
  description:
    "Open transactions are rolled back and everything is written to disk. The next command that needs the server starts it again.",
  examples: [{ run: "pgwright server stop", says: "stop it, if it runs" }],
  configure: (command) => command,
  async run(context) {
    const { stopEmbedded } = await import("../../db/embedded/server.ts");
    return stopEmbedded(await context.embeddedLocation());
  },
  text: ({ wasRunning }, view) =>
    wasRunning ? `The embedded server is ${view.style.green("stopped")}` : "It was not running",
});
