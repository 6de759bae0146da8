import { defineCommand } from "../../cli/command.ts";
import { lockWait, Option } from "../../cli/options.ts";
import { testServer } from "../../cli/testing.ts";
import type { MaskingCheck } from "../../anonymize/check.ts";
import type { Context } from "../../cli/context.ts";

export const anonymizeCheck = defineCommand({
  path: "anonymize check",
  summary: "Exit 1 unless masking.yaml covers what is personal and breaks nothing",
  description:
    "Finds columns and JSON paths that look personal, or can hold anything, and have no rule; rules for what is gone; masks that leave something of what says who somebody is; " +
    "and masks that would break a key, a check or a length, tried on the first rows of each table. Looks at names and at a sample of the rows, as `pii-scan` does, less what policies/pii.yaml ignores. Needs no key and writes nothing. " +
    "With --from-migrations it looks at what the migrations make of an empty database, in a test database of TEST_DATABASE_URL or the embedded server: " +
    "the change that adds a column fails before it is merged.",
  examples: [
    { run: "pgwright anonymize check --from-migrations", says: "in CI: the files alone" },
    { run: "pgwright anonymize check --env production", says: "with its rows" },
    { run: "pgwright anonymize check --format github", says: "annotate the pull request" },
  ],
  configure: (command) =>
    command
      .addOption(
        new Option(
          "--from-migrations",
          "check what the migrations make, in a test database that is dropped again",
        ).default(false),
      )
      .addOption(lockWait("another process that builds the template")),
  purposeOf: (options) => (options.fromMigrations ? "test" : "configured"),
  async run(context, options): Promise<MaskingCheck> {
    const { settings } = await context.config();
    const { readRules } = await import("../../anonymize/rules/read.ts");
    const { checkMasking } = await import("../../anonymize/check.ts");
    const { schema, table } = settings.migrations;
    const rules = await readRules(settings.policies.directory, context.workingDirectory);
    const ledger = { schema, table };
    if (!options.fromMigrations) {
      await using session = await context.connect({ writes: false });
      const { events } = context;
      return await checkMasking(session, { rules, ledger, isScratch: false, events });
    }
    await using scratch = await makeScratch(context, options.lockWait);
    await using session = await context.connect({ writes: false, database: scratch.name });
    return await checkMasking(session, { rules, ledger, isScratch: true });
  },
  findings: (result) => result.findings,
  text: ({ isSafe, rulesFile, tables, masked, kept }, view) =>
    isSafe
      ? view.style.green(
          `${rulesFile} covers ${view.plural(tables, "table")}: ${view.plural(masked, "column")} masked, ${kept} kept for a reason`,
        )
      : "",
});

/** A test database from the migrations, dropped when it is disposed of. */
async function makeScratch(
  context: Context,
  lockWaitSeconds: number,
): Promise<AsyncDisposable & { readonly name: string }> {
  const { createTestDatabases } = await import("../../testdb/create.ts");
  const { dropTestDatabases } = await import("../../testdb/drop.ts");
  const { chooseSource } = await import("../../testdb/source.ts");
  const { newRunId } = await import("../../testdb/name.ts");
  const { whoMakes } = await import("../../testdb/author.ts");
  const { PgwrightError } = await import("../../errors.ts");
  const { settings } = await context.config();
  const server = await testServer(context);
  const { databases } = await createTestDatabases({
    server,
    source: await chooseSource(settings, context.workingDirectory, {
      from: undefined,
      seedScale: undefined,
    }),
    run: newRunId(),
    first: 1,
    count: 1,
    ttlMs: 10 * 60_000,
    by: whoMakes(),
    lockWaitMs: lockWaitSeconds * 1000,
    dryRun: false,
    events: context.events,
    signal: context.signal,
  });
  const [made] = databases;
  if (!made) throw new PgwrightError("internal", "no test database was made");
  return {
    name: made.name,
    async [Symbol.asyncDispose]() {
      const choice = { names: [made.name], run: undefined, by: undefined };
      await dropTestDatabases(server, choice, { dryRun: false });
    },
  };
}
