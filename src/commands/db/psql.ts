import { defineCommand } from "../../cli/command.ts";

export const dbPsql = defineCommand({
  path: "db psql",
  summary: "Open psql on the configured database",
  description:
    "Needs psql, which comes with PostgreSQL's client programs. The password reaches it in its environment, never on its command line.",
  examples: [
    { run: "pgwright db psql", says: "open a session" },
    { run: "pgwright db psql -- -c 'select version()'", says: "pass options on to psql" },
  ],
  configure: (command) => command.argument("[arguments...]", "passed on to psql, after `--`"),
  async run(context, _options, args) {
    const { runPsql } = await import("../../database/psql.ts");
    const { options } = await context.place();
    const status = await runPsql(options, args, context.environment, (program, list, environment) =>
      context.runInForeground(program, list, environment),
    );
    return { status };
  },
  text: () => "",
  // psql: 1 a failure of its own, 2 the connection was lost, 3 an error in a script.
  exit: ({ status }) => (status === 0 ? 0 : status === 2 ? 3 : 4),
});
