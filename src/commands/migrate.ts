import { defineCommand } from "../cli/command.ts";
import { migratorOptions, policyOptions } from "../cli/migrating.ts";
import { dryRun, lockWait, parseCount, parseVersion } from "../cli/options.ts";
import type { MigrateResult } from "../migrate/migrate.ts";
import type { View } from "../cli/render/view.ts";

export const migrate = defineCommand({
  path: "migrate",
  summary: "Apply pending migrations in order",
  description:
    "Each file is one transaction together with its ledger row. Statements that cannot run in a transaction run alone and are journalled, so that an interrupted file is resumed.",
  hiddenAliases: ["up"],
  examples: [
    { run: "pgwright migrate", says: "apply everything that is pending" },
    { run: "pgwright migrate --dry-run > pending.sql", says: "print the SQL, change nothing" },
    { run: "pgwright migrate --to 012", says: "apply up to version 012" },
    { run: "pgwright migrate --out-of-order", says: "also apply late files with a lower number" },
  ],
  configure: (command) =>
    command
      .option("--to <version>", "the last version to apply", parseVersion)
      .option("--steps <n>", "apply at most this many", parseCount)
      .option("--out-of-order", "apply late, lower-numbered files too", false)
      .option("--allow-newer", "go on although a newer release made a major change", false)
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options) {
    const { migrate } = await import("../migrate/migrate.ts");
    const common = { ...(await migratorOptions(context, options.lockWait)), ...options };
    const result = await migrate(common);
    const { settings } = await context.config();
    if (!settings.policies.after_migrate || options.dryRun) return result;
    const { applyAfterMigrate } = await import("../setup/policies.ts");
    const more = { ...(await policyOptions(context)), prune: false };
    return { ...result, policies: await applyAfterMigrate({ ...common, ...more }, result) };
  },
  findings: (result) => ("policies" in result ? (result.policies?.findings ?? []) : []),
  text: (result, view) => migrateText(result, view),
});

/** As comments above the SQL: what each statement locks, and what takes time with the table's size. */
function costLines({ costs = [] }: MigrateResult, view: View): string[] {
  if (costs.length === 0) return [];
  const works = {
    none: "",
    scan: ", reads all of it",
    index: ", builds an index",
    rewrite: ", writes it anew",
  } as const;
  const lines = costs.flatMap(({ file, line, statement, locks }) => [
    `--   ${view.visible(`${file}${line === undefined ? "" : `:${line}`} ${statement}`)}`,
    ...locks.map(({ table, lock, work, rows, bytes, unsure }) => {
      const size =
        rows === null || bytes === null
          ? ""
          : ` (${view.plural(rows, "row")}, ${view.bytes(bytes)})`;
      const doubt = unsure === undefined ? "" : ` (${unsure} is not known)`;
      return view.visible(`--     ${lock} on ${table}${size}${works[work]}${doubt}`);
    }),
  ]);
  return ["-- locks on tables that are there:", ...lines, ""];
}

function migrateText(result: MigrateResult, view: View): string {
  const { style } = view;
  if (result.sql !== undefined) {
    if (result.sql === "") return "-- nothing is pending";
    return [...costLines(result, view), result.sql].join("\n");
  }
  const at = `schema version ${style.bold(result.schemaVersion)}`;
  const left =
    result.left.length > 0 ? `, ${view.plural(result.left.length, "migration")} still pending` : "";
  if (result.applied.length + result.repeated.length === 0) {
    return `Nothing to apply: ${at}${left}`;
  }
  const repeated =
    result.repeated.length > 0
      ? ` and ${view.plural(result.repeated.length, "repeatable file")}`
      : "";
  return `Applied ${view.plural(result.applied.length, "migration")}${repeated}: ${at}${left}`;
}
