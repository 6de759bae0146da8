import { defineCommand } from "../../cli/command.ts";

export const serverStart = defineCommand({
  path: "server start",
  summary: "Start the embedded server, making it first where there is none",
  description:
    "Commands start it by themselves when the project uses it; it stays up until `server stop`. " +
    "It listens on 127.0.0.1 only. Its data is in .pgwright, or where `server status` says.",
  examples: [
    { run: "pgwright server start", says: "make sure it runs" },
    {
      run: "pgwright server start --json",
      says: "the same for a script: port, process id, folders",
    },
  ],
  configure: (command) => command,
  async run(context) {
    const { ensureEmbedded } = await import("../../db/embedded/server.ts");
    const location = await context.embeddedLocation();
    // The URL has the password in it, which only `server url` prints.
    const { url: _url, ...server } = await ensureEmbedded(location, context.events, context.signal);
    return server;
  },
  text: (server, view) =>
    [
      `PostgreSQL ${server.version} ${server.started ? view.style.green("started") : "is running"} on ${server.host}:${server.port}, database ${view.style.bold(server.database)}`,
      view.next("pgwright server url", "pgwright db psql"),
    ].join("\n"),
});
