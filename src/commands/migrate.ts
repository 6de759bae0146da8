import { defineCommand } from "../cli/command.ts";
import { costLines, migratorOptions, policyOptions } from "../cli/migrating.ts";
import type { Context } from "../cli/context.ts";
import {
  dryRun,
  lockWait,
  notOnline,
  online,
  parseCount,
  parseHash,
  parseVersion,
} from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import type { Restored } from "../migrate/keep/keep.ts";
import type { MigrateResult } from "../migrate/migrate.ts";
import type { ReviewedOptions } from "../migrate/reviewed/reviewed.ts";
import type { AppliedPolicies } from "../policies/apply.ts";

export const migrate = defineCommand({
  path: "migrate",
  summary: "Apply pending migrations in order",
  description:
    "Each file is one transaction together with its ledger row. Statements that cannot run in a transaction run alone and are journalled, so that an interrupted file is resumed.",
  hiddenAliases: ["up"],
  examples: [
    { run: "pgwright migrate", says: "apply everything that is pending" },
    { run: "pgwright migrate --dry-run > pending.sql", says: "print the SQL, change nothing" },
    {
      run: "pgwright migrate --dry-run --output plan.json",
      says: "make a plan to be reviewed; nothing else may run later",
    },
    { run: "pgwright migrate --plan plan.json", says: "run that plan, or say what has changed" },
    {
      run: "pgwright migrate --online --dry-run",
      says: "what would run so that nobody has to wait for it",
    },
    { run: "pgwright migrate --to 012", says: "apply up to version 012" },
    { run: "pgwright migrate --out-of-order", says: "also apply late files with a lower number" },
  ],
  configure: (command) =>
    command
      .option("--to <version>", "the last version to apply", parseVersion)
      .option("--steps <n>", "apply at most this many", parseCount)
      .option("--out-of-order", "apply late, lower-numbered files too", false)
      .option("--allow-newer", "go on although a newer release made a major change", false)
      .addOption(online())
      .addOption(notOnline())
      .option("--leave-kept", "do not put back what a rollback has kept", false)
      .option("-o, --output <file>", "with --dry-run: write the plan to this file, to be reviewed")
      .option("--plan <file>", "run this plan, if nothing has changed since it was made")
      .option("--plan-hash <sha256>", "with --plan: only the plan with this hash", parseHash)
      .addOption(lockWait())
      .addOption(dryRun()),
  async run(context, options): Promise<Result> {
    refuseContradictions(options);
    const { settings } = await context.config();
    const common = {
      ...(await migratorOptions(context, options.lockWait)),
      ...options,
      online: options.online ?? settings.migrations.online,
      isNotOnlineAsked: options.online === false,
    };
    if (options.output !== undefined || options.plan !== undefined) {
      return runReviewed(context, options, {
        ...common,
        policiesDirectory: settings.policies.directory,
      });
    }
    const { migrate } = await import("../migrate/migrate.ts");
    const result = await migrate(common);
    if (!settings.policies.after_migrate || options.dryRun) return result;
    const { applyAfterMigrate } = await import("../setup/policies.ts");
    const more = { ...(await policyOptions(context)), prune: false };
    return { ...result, policies: await applyAfterMigrate({ ...common, ...more }, result) };
  },
  findings: (result) => result.policies?.findings ?? [],
  text: (result, view) => migrateText(result, view),
});

/** As comments above the SQL: what runs otherwise than the files have it, and what could not. */
function onlineLines({ online = [] }: MigrateResult, view: View): string[] {
  if (online.length === 0) return [];
  const lines = online.flatMap(({ file, line, statement, runs, why }) => [
    `--   ${view.visible(`${file}${line === undefined ? "" : `:${line}`} ${statement}`)}`,
    ...(runs ?? []).map((sql) => `--     runs as ${view.visible(sql.replaceAll(/\s+/g, " "))}`),
    ...(why === undefined ? [] : [`--     stays as it is: ${view.visible(why)}`]),
  ]);
  return ["-- online:", ...lines, ""];
}

interface Result extends MigrateResult {
  readonly policies?: AppliedPolicies | undefined;
  /** The plan that a dry run has written; its path as seen from the working directory. */
  readonly plan?: { readonly path: string; readonly hash: string };
}

interface ReviewFlags {
  readonly output?: string | undefined;
  readonly plan?: string | undefined;
  readonly planHash?: string | undefined;
  readonly dryRun: boolean;
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
  readonly outOfOrder: boolean;
  readonly allowNewer: boolean;
  /** Undefined where the configuration decides. */
  readonly online?: boolean | undefined;
}

function refuseContradictions(options: ReviewFlags): void {
  const { output, plan, planHash, dryRun, to, steps, outOfOrder, allowNewer, online } = options;
  const refuse = (message: string, hint: string) => {
    throw new PgwrightError("usage", message, { hint });
  };
  if (output !== undefined && !dryRun) {
    refuse("`--output` writes a plan, which `--dry-run` makes", "add --dry-run");
  }
  if (planHash !== undefined && plan === undefined) {
    refuse("`--plan-hash` needs `--plan`", "pgwright migrate --plan plan.json --plan-hash …");
  }
  if (plan === undefined) return;
  if (dryRun || output !== undefined) {
    refuse("`--plan` runs a plan that is there already", "leave out --dry-run and --output");
  }
  if (to !== undefined || steps !== undefined || outOfOrder || allowNewer || online !== undefined) {
    refuse("what a plan runs was decided when it was made", "leave the other options out");
  }
}

async function runReviewed(
  context: Context,
  { output, plan, planHash }: ReviewFlags,
  options: ReviewedOptions,
): Promise<Result> {
  const { resolve } = await import("node:path");
  const { runReviewPlan, writeReviewPlan } = await import("../migrate/reviewed/reviewed.ts");
  const { settings } = await context.config();
  const placeOf = (shown: string) => ({ path: resolve(context.workingDirectory, shown), shown });
  if (plan !== undefined) {
    const result = await runReviewPlan(placeOf(plan), planHash, options);
    if (settings.policies.after_migrate) {
      const message =
        "policies.after_migrate: policies/ was no part of the plan; `pgwright policies apply` brings it about";
      context.events({ type: "notice", level: "warning", message });
    }
    return result;
  }
  const result = await writeReviewPlan(placeOf(output ?? ""), options, new Date());
  const message = `wrote the plan to ${output}, hash ${result.plan.hash}; \`pgwright migrate --plan\` runs it`;
  context.events({ type: "notice", level: "info", message });
  return result;
}

function migrateText(result: MigrateResult, view: View): string {
  const { style } = view;
  if (result.sql !== undefined) {
    if (result.sql === "") return "-- nothing is pending";
    return [...onlineLines(result, view), ...costLines(result.costs, view), result.sql].join("\n");
  }
  const at = `schema version ${style.bold(result.schemaVersion)}`;
  const left =
    result.left.length > 0 ? `, ${view.plural(result.left.length, "migration")} still pending` : "";
  const leftKept = (result.leftKept ?? []).map(
    ({ object, kind, rows, table }) =>
      `${object}: ${view.plural(rows, kind === "positions" ? "position" : "row")} stay in ${table}`,
  );
  const nothing = result.applied.length + result.repeated.length === 0;
  const repeated =
    result.repeated.length > 0
      ? ` and ${view.plural(result.repeated.length, "repeatable file")}`
      : "";
  const restored = (result.restored ?? []).map((one) => restoredLine(one, view));
  const applied = `Applied ${view.plural(result.applied.length, "migration")}${repeated}: ${at}${left}`;
  const lines = nothing
    ? [`Nothing to apply: ${at}${left}`, ...leftKept]
    : [applied, ...restored, ...leftKept];
  if (result.putBackSql === undefined) return lines.join("\n");
  // All of it is a script; a quoted name may hold a line break.
  const then = `to put ${leftKept.length === 1 ? "it" : "them"} back later:`;
  const comments = [...lines, then].map((line) => `-- ${line.replaceAll(/\s*[\r\n]\s*/g, " ")}`);
  return [...comments, result.putBackSql].join("\n");
}

function restoredLine(one: Restored, view: View): string {
  const { object, kind, rows, left, table, keyless, missing } = one;
  const { style } = view;
  const isPosition = kind === "positions";
  const back = `${object}: ${view.plural(rows - left, isPosition ? "position" : "row")} put back`;
  const parts = [back];
  if (left > keyless) {
    const why = isPosition
      ? "there is no such sequence any more"
      : "their place is gone or holds something newer";
    parts.push(`${style.yellow(`${left - keyless} left in ${table}`)}: ${why}`);
  }
  if (keyless > 0) {
    const why =
      "their key is NULL, and PostgreSQL takes no change to a row that its NOT NULL forbids";
    parts.push(`${style.yellow(`${keyless} left in ${table}`)}: ${why}`);
  }
  if (missing > 0) {
    const were = `${missing === 1 ? "was" : "were"} not in ${table} any more`;
    parts.push(`${style.yellow(`${view.count(missing)} more had been kept`)} and ${were}`);
  }
  return parts.join(", ");
}
