import { defineCommand } from "../../cli/command.ts";

export const dbUrl = defineCommand({
  path: "db url",
  summary: "Print the configured database's URL, password included",
  description:
    "Everything that decides the connection is in it, also what came from PG* variables, a service file or .pgpass. " +
    "Connects to nothing; the embedded server is started where needed, because its port is part of the URL.",
  examples: [
    { run: "pgwright db url", says: "for another program's settings" },
    { run: 'pg_dump "$(pgwright db url --env staging)"', says: "of another environment" },
  ],
  configure: (command) => command,
  async run(context) {
    const { formatUrl } = await import("../../database/connection-string.ts");
    return { url: formatUrl((await context.place()).options) };
  },
  text: ({ url }) => url,
});
