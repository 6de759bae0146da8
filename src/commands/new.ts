import { Option } from "../cli/options.ts";
import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import type { Language, NewMigration } from "../migrate/new.ts";
import type { AdoptMigration } from "../policies/partitions/adopt/plan-adopt.ts";

const languages = ["sql", "ts", "js", "mjs"] as const satisfies readonly Language[];

interface NewResult extends NewMigration {
  /** As seen from the working directory. */
  readonly shownPath: string;
  /** With `--partition`: what the migration does. */
  readonly partition?: Omit<AdoptMigration, "text">;
}

export const newMigration = defineCommand({
  path: "new",
  summary: "Write the next migration file, with both sections to fill in",
  description:
    "The name follows the newest file: as many digits, and a timestamp if that has one. Nothing is ever overwritten.",
  hiddenAliases: ["create", "generate"],
  examples: [
    { run: 'pgwright new "add middle name"', says: "007_20240601_add_middle_name.sql" },
    {
      run: 'pgwright new --repeatable "user search"',
      says: "R_user_search.sql, for functions and views",
    },
    { run: 'pgwright new --language ts "add teams"', says: "a migration in TypeScript" },
    {
      run: "pgwright new --partition app.posts --by range:created_at --every month",
      says: "partition a filled table without copying a row",
    },
  ],
  configure: (command) =>
    command
      .argument("[description]", "what the migration does, in a few words")
      .addOption(
        new Option("--language <language>", "language of the file")
          .choices(languages)
          .default("sql" as const),
      )
      .option("--ts", "short for --language ts", false)
      .option("--repeatable", "a file that runs again whenever it changes", false)
      .option("--number <version>", "this version in place of the next one")
      .option("--partition <table>", "write the migration that partitions this filled table")
      .option("--by <key>", "with --partition: range:<column>")
      .option("--every <period>", "with --partition: day, week, month or year (default: month)")
      .option("--horizon <span>", "with --partition: how far ahead partitions exist (default: 90d)")
      .option("--time-zone <name>", "with --partition: where a day begins (default: UTC)")
      .option(
        "--default-partition",
        "with --partition: one more for rows that fit no other",
        false,
      ),
  async run(context, options, given): Promise<NewResult> {
    const partition = await planPartition(context, options);
    const description = given ?? partition?.description;
    if (description === undefined) {
      throw new PgwrightError("usage", "the migration needs a description", {
        hint: 'pgwright new "add middle name"',
      });
    }
    const { settings } = await context.config();
    const { createMigration } = await import("../migrate/new.ts");
    const { relative } = await import("node:path");
    const created = await createMigration(settings.migrations.directory, description, {
      language: options.ts ? "ts" : options.language,
      isRepeatable: options.repeatable,
      version: options.number,
      text: partition?.text,
      now: new Date(),
    });
    const shownPath = relative(context.workingDirectory, created.path);
    if (!partition) return { ...created, shownPath };
    const { text: _, ...shown } = partition;
    return { ...created, shownPath, partition: shown };
  },
  text(result, view) {
    const late = result.isLate
      ? `\n${view.style.yellow("note:")} newer files exist; a database that has them will call this one late`
      : "";
    const next = result.partition
      ? `\n${describePartition(result.partition, view)}\n${view.next("pgwright migrate --dry-run", "pgwright migrate")}`
      : `\n${view.next("pgwright validate", "pgwright migrate")}`;
    return `Created ${view.style.bold(result.shownPath)}${late}${next}`;
  },
});

interface PartitionOptions {
  readonly partition?: string;
  readonly by?: string;
  readonly every?: string;
  readonly horizon?: string;
  readonly timeZone?: string;
  readonly defaultPartition: boolean;
  readonly language: Language;
  readonly ts: boolean;
  readonly repeatable: boolean;
}

async function planPartition(
  context: Context,
  options: PartitionOptions,
): Promise<AdoptMigration | undefined> {
  const { partition, by, every, horizon, timeZone, defaultPartition } = options;
  if (partition === undefined) {
    if ([by, every, horizon, timeZone].every((one) => one === undefined) && !defaultPartition) {
      return undefined;
    }
    throw new PgwrightError("usage", "these options need `--partition`", {
      hint: "pgwright new --partition app.posts --by range:created_at",
    });
  }
  if (options.ts || options.repeatable || options.language !== "sql") {
    throw new PgwrightError("usage", "`--partition` writes a versioned migration in SQL");
  }
  const { readRequest } = await import("../policies/partitions/adopt/request.ts");
  const { planAdopt } = await import("../policies/partitions/adopt/plan-adopt.ts");
  const request = readRequest({
    table: partition,
    by,
    every,
    horizon,
    timeZone,
    hasDefault: defaultPartition,
  });
  await using session = await context.connect({ writes: false });
  const { directory } = (await context.config()).settings.policies;
  return await planAdopt(session, request, { now: new Date(), directory });
}

function describePartition(partition: Omit<AdoptMigration, "text">, view: View): string {
  const { declaration, deadline, end, leaf, leaves } = partition;
  return [
    `The filled table becomes ${leaf}, up to ${end}; ${view.plural(leaves.length, "empty partition")} ${leaves.length === 1 ? "follows" : "follow"}.`,
    `${view.style.yellow("Apply it before")} ${deadline}.`,
    "For policies/partitions.yaml, so that partitions go on being made:",
    ...declaration.split("\n").map((line) => `  ${line}`),
  ].join("\n");
}
