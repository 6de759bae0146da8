import { defineCommand } from "../cli/command.ts";
import { Option } from "../cli/options.ts";
import { PgwrightError } from "../errors.ts";
import type { TypesResult } from "../typescript/types.ts";

const verbs = { created: "Created", changed: "Updated", written: "Wrote" } as const;

export const types = defineCommand({
  path: "types",
  summary: "Print TypeScript types of the tables, or check a file that holds them",
  description:
    "For each table a row as it is read, one to be inserted, and what may be changed of it: defaults, identity and generated columns, enums, domains, arrays and JSON are in it. " +
    "With `--zod` schemas of zod 4 for the same, which the compiler holds against the types. Values are as the driver gives them: numeric and bigint are strings.",
  examples: [
    { run: "pgwright types --output src/database.ts", says: "write or update the file" },
    {
      run: "pgwright types --zod --schema public --output src/database.ts",
      says: "with zod, of one schema",
    },
    {
      run: "pgwright types --output src/database.ts --check",
      says: "exit 1 unless the file is up to date",
    },
  ],
  configure: (command) =>
    command
      .option("-o, --output <file>", "write to this file; - is stdout", "-")
      .option("--schema <name...>", "only these schemas")
      .option("--zod", "schemas of zod as well", false)
      .addOption(
        new Option("--driver <name>", "whose values: pg is node-postgres, postgres is postgres.js")
          .choices(["pg", "postgres"] as const)
          .default("pg" as const),
      )
      .option("--check", "compare the file and change nothing", false),
  async run(context, options): Promise<TypesResult> {
    const { output } = options;
    if (options.check && output === "-") {
      throw new PgwrightError("usage", "`--check` needs the file to compare", {
        hint: "name it: pgwright types --check --output src/database.ts",
      });
    }
    const { settings } = await context.config();
    const { relative, resolve } = await import("node:path");
    const { generateTypes } = await import("../typescript/types.ts");
    const path = resolve(context.workingDirectory, output);
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    return await generateTypes(session, {
      schemas: options.schema ?? [],
      ledger: { schema, table },
      driver: options.driver,
      hasZod: options.zod,
      file:
        output === "-"
          ? undefined
          : { path, shown: relative(context.workingDirectory, path) || path },
      isCheck: options.check,
    });
  },
  findings: (result) => result.findings,
  text({ text, file, tables, enums }, view) {
    if (file === null) return text.trimEnd();
    const about = `${view.plural(tables, "table and view", "tables and views")}, ${view.plural(enums, "enum")}`;
    switch (file.state) {
      case "differs":
        return "";
      case "equal":
        return view.style.green(`${file.path} has the types of this database: ${about}`);
      case "unchanged":
        return `${file.path} is up to date: ${about}`;
      default:
        return `${verbs[file.state]} ${view.style.bold(file.path)}: ${about}`;
    }
  },
});
