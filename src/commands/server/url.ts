import { defineCommand } from "../../cli/command.ts";

export const serverUrl = defineCommand({
  path: "server url",
  summary: "Print the embedded server's URL, password included",
  description: "Starts the server where needed. The password is one of this project's alone.",
  examples: [
    { run: "pgwright server url", says: "for another program's settings" },
    { run: 'psql "$(pgwright server url)"', says: "open psql on it" },
  ],
  configure: (command) => command,
  async run(context) {
    const { ensureEmbedded } = await import("../../db/embedded/server.ts");
    const location = await context.embeddedLocation();
    const { url } = await ensureEmbedded(location, context.events, context.signal);
    return { url };
  },
  text: ({ url }) => url,
});
