import { defineCommand } from "../../cli/command.ts";
import {
  dryRun,
  lockWait,
  Option,
  parseCount,
  parseScale,
  parseVariable,
} from "../../cli/options.ts";
import { PgwrightError } from "../../errors.ts";
import { testServer } from "../../cli/testing.ts";

export const testdbCreate = defineCommand({
  path: "testdb create",
  summary: "Make databases for tests: complete, empty, in milliseconds each",
  description:
    "They are copies of a template that is built once from migrations/ and policies/, and again when one of their files changes. " +
    "The server is that of --url or TEST_DATABASE_URL, otherwise the embedded one; DATABASE_URL and PGHOST have no say. " +
    "Each database is leased: when the time is over and nobody is connected, the next `testdb create` or `testdb prune` drops it.",
  examples: [
    { run: "pgwright testdb create", says: "print the URL of a new database" },
    { run: "pgwright testdb create --count 8 --ttl 20min", says: "eight of them, a line each" },
    { run: "pgwright testdb create --seeds", says: "with the data of seeds/" },
    { run: "pgwright testdb create --from staging.sql", says: "with what a dump holds" },
    {
      run: 'pgwright testdb create --as env | tee -a "$GITHUB_ENV"',
      says: "as DATABASE_URL=… for the steps that follow",
    },
  ],
  purpose: "test",
  configure: (command) =>
    command
      .addOption(new Option("--count <n>", "how many").default(1).argParser(parseCount))
      .option("--ttl <duration>", "how long they are leased", "1h")
      .addOption(
        new Option("--as <form>", "print URLs, or lines for an .env file")
          .choices(["url", "env"] as const)
          .default("url" as const),
      )
      .option("--seeds", "fill the template from seeds/ too", false)
      .option(
        "--scale <factor>",
        "multiply the numbers of rows of --seeds (default: 1)",
        parseScale,
      )
      .option("--from <dump>", "build from this dump in plain SQL, not from migrations")
      .option(
        "--variable <name>",
        "its name with --as env (default: DATABASE_URL); with several, NAME_1 and so on",
        parseVariable,
      )
      .addOption(lockWait("another process that builds the template"))
      .addOption(dryRun()),
  async run(context, options) {
    refuseIdle(options);
    const { createTestDatabases } = await import("../../testdb/create.ts");
    const { chooseSource } = await import("../../testdb/source.ts");
    const { readTtl } = await import("../../testdb/limits.ts");
    const { newRunId } = await import("../../testdb/name.ts");
    const { whoMakes } = await import("../../testdb/author.ts");
    const { settings } = await context.config();
    return createTestDatabases({
      server: await testServer(context),
      source: await chooseSource(settings, context.workingDirectory, {
        from: options.from,
        seedScale: options.seeds ? (options.scale ?? 1) : undefined,
      }),
      run: newRunId(),
      first: 1,
      count: options.count,
      ttlMs: readTtl(options.ttl),
      by: whoMakes(),
      lockWaitMs: options.lockWait * 1000,
      dryRun: options.dryRun,
      events: context.events,
      signal: context.signal,
    });
  },
  exit: () => 0,
  text({ sql, databases }, _view, { as, variable = "DATABASE_URL" }) {
    if (sql !== undefined) return sql;
    if (as === "url") return databases.map(({ url }) => url).join("\n");
    return databases
      .map(({ url }, i) => `${variable}${databases.length === 1 ? "" : `_${i + 1}`}=${url}`)
      .join("\n");
  },
});

/** @throws PgwrightError `usage` for what would be ignored in silence. */
function refuseIdle({
  as,
  variable,
  seeds,
  scale,
}: {
  readonly as: string;
  readonly variable?: string;
  readonly seeds: boolean;
  readonly scale?: number;
}): void {
  const idle =
    scale !== undefined && !seeds
      ? ["--scale", "--seeds"]
      : variable !== undefined && as !== "env"
        ? ["--variable", "--as env"]
        : undefined;
  if (idle === undefined) return;
  throw new PgwrightError("usage", `\`${idle[0]}\` says nothing without \`${idle[1]}\``, {
    hint: `add \`${idle[1]}\`, or leave it out; nothing was made`,
  });
}
