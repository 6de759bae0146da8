import { Option } from "../cli/options.ts";
import { defineCommand } from "../cli/command.ts";
import type { Language, NewMigration } from "../migrate/new.ts";

const languages = ["sql", "ts", "js", "mjs"] as const satisfies readonly Language[];

interface NewResult extends NewMigration {
  /** As seen from the working directory. */
  readonly shownPath: string;
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
  ],
  configure: (command) =>
    command
      .argument("<description>", "what the migration does, in a few words")
      .addOption(
        new Option("--language <language>", "language of the file")
          .choices(languages)
          .default("sql" as const),
      )
      .option("--ts", "short for --language ts", false)
      .option("--repeatable", "a file that runs again whenever it changes", false)
      .option("--number <version>", "this version in place of the next one"),
  async run(context, options, description): Promise<NewResult> {
    const { settings } = await context.config();
    const { createMigration } = await import("../migrate/new.ts");
    const { relative } = await import("node:path");
    const created = await createMigration(settings.migrations.directory, description, {
      language: options.ts ? "ts" : options.language,
      isRepeatable: options.repeatable,
      version: options.number,
      now: new Date(),
    });
    return { ...created, shownPath: relative(context.workingDirectory, created.path) };
  },
  text(result, view) {
    const late = result.isLate
      ? `\n${view.style.yellow("note:")} newer files exist; a database that has them will call this one late`
      : "";
    return `Created ${view.style.bold(result.shownPath)}${late}\n${view.next("pgwright validate", "pgwright migrate")}`;
  },
});
