import { defineCommand } from "../cli/command.ts";
import type { Context } from "../cli/context.ts";
import { migratorOptions } from "../cli/migrating.ts";
import { Option, parseCount, parseScale, parseVersion } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import { testServer } from "../cli/testing.ts";
import { PgwrightError } from "../errors.ts";
import type { TestedData, TestedMigration } from "../reversibility/judge.ts";
import type { TestResult } from "../reversibility/test-migrations.ts";

const severities = ["error", "warning", "info"] as const;

/** Losses show in ten rows as in a hundred. */
const usualScale = 0.1;

export const test = defineCommand({
  path: "test",
  summary: "Try each migration in a throwaway database: up, down and up again",
  description:
    "The schema is compared before and after: what a rollback does not restore is told in words. " +
    "The server is that of --url or TEST_DATABASE_URL, otherwise the embedded one; it should have the major version of production, " +
    "which --server-version makes sure of. Repeatable files run behind the migrations, which are rolled back with them in place too. Only throwaway databases are written to; what reaches beyond them (roles, slots, files of the server), also in a DO block or a function, is left out and named; a role that such a block makes is named too, and stays. " +
    "With --data each rollback is lossless, lossy (values are gone), destructive (rows are gone), blocked (rows that the migration allows stop it) " +
    "or has its additions lost (what goes is what the migration brought), as far as the rows that seed makes show it. Exits 1 when something is found.",
  examples: [
    { run: "pgwright test", says: "every migration" },
    { run: "pgwright test --base origin/main", says: "those that this branch adds or changes" },
    { run: "pgwright test --only 012 --data", says: "this one, with rows that must survive it" },
    { run: "pgwright test --base origin/main --format github", says: "annotate a pull request" },
  ],
  purpose: "test",
  configure: (command) =>
    command
      .option("--base <revision>", "only what is new or changed since HEAD left this revision")
      .option(
        "--only <version>",
        "only this version; may be repeated",
        (text: string, before: string[] | undefined) => [...(before ?? []), parseVersion(text)],
      )
      .option("--data", "try them with rows too, and compare these", false)
      .option(
        "--scale <factor>",
        "multiply the numbers of rows of --data (default: 0.1)",
        parseScale,
      )
      .option("--server-version <major>", "refuse a server of another major version", parseCount)
      .addOption(
        new Option("--fail-on <severity>", "exit 1 when a finding is at least this severe")
          .choices(severities)
          .default("warning" as const),
      ),
  async run(context, options) {
    if (options.scale !== undefined && !options.data) {
      throw new PgwrightError("usage", "`--scale` says nothing without `--data`", {
        hint: "add `--data`, or leave it out; nothing was tried",
      });
    }
    const { directorySetting } = await import("../config/directory-at.ts");
    const { testMigrations } = await import("../reversibility/test-migrations.ts");
    const { whoMakes } = await import("../testdb/author.ts");
    const { open: _, directory, ...migrator } = await migratorOptions(context);
    return testMigrations({
      server: await testServer(context),
      // The throwaway databases are nobody's production.
      migrator: { ...migrator, isProtected: false },
      directory,
      data: options.data ? await readData(context, options.scale ?? usualScale) : undefined,
      base: options.base,
      only: options.only,
      environment: context.environment,
      setting: directorySetting(await context.config()),
      serverVersion: options.serverVersion,
      by: whoMakes(),
    });
  },
  findings: (result) => result.findings,
  exit({ findings }, { failOn }) {
    const counted = severities.slice(0, severities.indexOf(failOn) + 1) as readonly string[];
    return findings.some(({ severity }) => counted.includes(severity)) ? 1 : 0;
  },
  text: (result, view) => testText(result, view),
});

/** What tables are filled with. */
async function readData(context: Context, scale: number) {
  const { settings } = await context.config();
  const { readSeeds } = await import("../seed/read.ts");
  const { readPolicies } = await import("../policies/policies.ts");
  const { refuseMistakes } = await import("../policies/mistakes.ts");
  const policies = await readPolicies(settings.policies.directory);
  refuseMistakes(policies.findings);
  const chosen = { seed: undefined, scale, asOf: undefined };
  return {
    seeds: await readSeeds(settings.seeds.directory, chosen, context.workingDirectory),
    partitions: policies.partitions,
    log: policies.audit?.file.log,
  };
}

function testText(result: TestResult, view: View): string {
  const { style, visible } = view;
  const { migrations, repeatables, base, serverVersion, notTested } = result;
  const against = base ? ` new since ${base.name} (${base.mergeBase})` : "";
  const behind =
    repeatables.length === 0
      ? []
      : [
          view.prose(
            `tried with ${view.plural(repeatables.length, "repeatable file")} behind them as well`,
          ),
        ];
  const note = base?.note ? [view.prose(visible(base.note))] : [];
  if (migrations.length === 0) {
    return [`There are no migrations${against} to try`, ...note, ...behind].join("\n");
  }
  const hasData = migrations.some(({ data }) => data !== null);
  const table = view.table({
    columns: [
      { title: "migration" },
      { title: "rollback" },
      ...(hasData ? [{ title: "rows" }] : []),
      { title: "time", align: "right" as const },
    ],
    rows: migrations.map((one) => [
      view.visible(one.file),
      describe(one, view),
      ...(hasData ? [describeData(one.data, view)] : []),
      view.duration(one.durationMs),
    ]),
  });
  const good = migrations.filter(({ verdict }) => verdict === "restored").length;
  const summary = `${view.plural(migrations.length, "migration")}${against} tried on PostgreSQL ${serverVersion}: ${good === migrations.length ? style.green("every rollback restores the schema") : `${good} of ${migrations.length} rollbacks restore the schema`}`;
  const left =
    notTested.length === 0
      ? []
      : [`not tried: ${notTested.map((name) => view.visible(name)).join(", ")}`];
  return [
    table,
    "",
    view.prose(summary),
    ...note,
    ...behind,
    ...left.map((line) => view.prose(line)),
  ].join("\n");
}

function describe(
  { verdict, irreversible, leftOut }: TestedMigration,
  { style, visible, plural }: View,
): string {
  if (verdict === "restored") {
    return leftOut.length === 0
      ? style.green(verdict)
      : `${style.green(verdict)} ${style.dim(`(but for ${plural(leftOut.length, "statement")} left out)`)}`;
  }
  if (verdict === "irreversible") return `${verdict}: ${visible(irreversible ?? "")}`;
  return verdict === "column order" || verdict === "no way back" || verdict === "not tried"
    ? style.yellow(verdict)
    : style.red(verdict);
}

function describeData(data: TestedData | null, view: View): string {
  const { style, plural, count } = view;
  if (data === null) return style.dim("not tried");
  const { verdict, rows, newRows } = data;
  const paint = {
    lossless: style.green,
    "additions lost": style.green,
    blocked: style.yellow,
    lossy: style.yellow,
    destructive: style.red,
    "not tried": style.yellow,
  };
  const tried =
    newRows > 0
      ? `${plural(rows, "row")} before it, ${count(newRows)} after`
      : `${plural(rows, "row")} before it alone`;
  const kept = verdict === "not tried" ? "" : describeKept(data, view);
  const left = describeNotTried(data, view);
  return `${paint[verdict](verdict)}${verdict === "not tried" ? "" : style.dim(` (${tried}${kept}${left})`)}`;
}

/** What the verdict is not about. */
function describeNotTried({ notTried }: TestedData, { plural, visible }: View): string {
  const [first, ...others] = notTried;
  if (!first) return "";
  const more = others.length === 0 ? "" : ` and ${plural(others.length, "other kind")} of rows`;
  return `; not tried: ${visible(first.what)}${more}`;
}

function describeKept({ kept }: TestedData, { plural, visible }: View): string {
  const [first, ...others] = kept;
  if (!first) return "";
  const more = others.length === 0 ? "" : ` and ${plural(others.length, "other table")}`;
  const rows = kept.reduce((sum, one) => sum + one.rows, 0);
  return `; ${visible(first.table)}${more} with only the ${plural(rows, "row")} that migrations wrote`;
}
