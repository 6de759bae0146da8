import { defineCommand } from "../../cli/command.ts";
import type { View } from "../../cli/render/view.ts";
import type { ConfigReport } from "../../config/describe.ts";

export const configShow = defineCommand({
  path: "config show",
  summary: "Show every setting, where it comes from, and which database it leads to",
  description:
    "Reads flags, environment variables, .env and pgwright.yaml, strongest first, and connects to " +
    "nothing. Passwords are masked.",
  examples: [
    { run: "pgwright config show", says: "settings and database, as every command here sees them" },
    { run: "pgwright config show --env production", says: "what production would use" },
    { run: "pgwright config show --json", says: "the same for a script" },
  ],
  configure: (command) => command,
  async run(context) {
    const { describeConfig } = await import("../../config/describe.ts");
    return describeConfig(await context.config());
  },
  text(report, view) {
    const fields: [string, string][] = [
      ["project", report.file ?? `none; working in ${report.directory}`],
      [".env", report.envFile ?? "none"],
      ...databaseFields(report, view),
    ];
    const settings = view.table({
      columns: [{ title: "setting" }, { title: "value" }, { title: "origin" }],
      rows: report.settings.map(({ name, value, origin }) => [
        name,
        value,
        origin === "default" ? view.style.dim(origin) : origin,
      ]),
    });
    return `${view.fields(fields)}\n\n${settings}`;
  },
});

function databaseFields({ database, problem }: ConfigReport, view: View): [string, string][] {
  if (database === null) {
    const { message, hint } = problem ?? { message: "none", hint: null };
    return [["database", view.style.red(message)], ...hintField(hint)];
  }
  const places = {
    embedded: "the embedded server",
    url: database.url ?? "",
    libpq: "as psql finds it",
  };
  return [
    ["database", places[database.kind]],
    ...(database.directUrl === undefined
      ? []
      : [["direct", database.directUrl] satisfies [string, string]]),
    ["chosen by", database.origin],
    ["environment", database.environment ?? "none"],
    ["protected", database.isProtected ? view.style.yellow("yes") : "no"],
  ];
}

function hintField(hint: string | null): [string, string][] {
  return hint === null ? [] : [["hint", hint.replaceAll("\n", " ")]];
}
