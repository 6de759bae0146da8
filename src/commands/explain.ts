import { defineCommand } from "../cli/command.ts";
import { Option, parseCount } from "../cli/options.ts";
import type { Explained } from "../insight/explain.ts";

export const explain = defineCommand({
  path: "explain",
  summary: "Show the plan of one query, and what is wrong with it",
  description:
    "Of a query that slow-queries lists, or of a file (- is stdin). Without --analyze nothing is run. " +
    "With it, the query runs in a transaction that is rolled back after the time given: locks and triggers are real, changes are not kept. On a protected database it runs only what writes nothing.",
  examples: [
    { run: "pgwright explain 3f2a9c1b", says: "a query of slow-queries" },
    {
      run: "pgwright explain query.sql --as app_user",
      says: "as row level security has it for a role",
    },
    {
      run: "pgwright explain 3f2a9c1b --analyze --param 42 --param 2024-01-15",
      says: "run it, with values for $1 and $2",
    },
  ],
  configure: (command) =>
    command
      .argument("<query>", "the id of a query, a file, or - for stdin")
      .option("--analyze", "run it, in a transaction that is rolled back", false)
      .option("--as <role>", "as this role")
      .option("--identity <value>", "on behalf of this user of the application")
      .option("--identity-setting <name>", "where policies look for it", "app.current_user_id")
      .option("--param <value...>", "values for $1, $2 and so on, as texts")
      .addOption(
        new Option("--time-limit <seconds>", "the longest the query may run")
          .argParser(parseCount)
          .default(30),
      ),
  async run(context, options, query): Promise<Explained> {
    const { readQuestion } = await import("../insight/question.ts");
    const { explainQuery } = await import("../insight/explain.ts");
    const question = await readQuestion(query, context.workingDirectory);
    const { isProtected } = await context.place();
    await using session = await context.connect({ writes: false });
    return await explainQuery(session, question, {
      analyze: options.analyze,
      role: options.as,
      identity: options.identity,
      identitySetting: options.identitySetting,
      parameters: options.param ?? [],
      timeLimitMs: options.timeLimit * 1000,
      isProtected,
    });
  },
  findings: (result) => result.findings,
  text: ({ text, plan, role, totalMs }, view) =>
    [
      view.style.cyan(text),
      plan.map((line) => view.style.dim(line)).join("\n"),
      view.prose(
        totalMs === null
          ? `planned as ${role}, not run`
          : `run as ${role} in ${totalMs.toFixed(1)} ms, and rolled back`,
      ),
    ].join("\n\n"),
});
