import { defineCommand } from "../../cli/command.ts";
import { dryRun, Option, parseCount } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { PrintedRefresh } from "../../insight/matviews/print.ts";
import type { RefreshedView } from "../../insight/matviews/refresh.ts";

interface RefreshView {
  readonly views: readonly RefreshedView[];
  /** What a dry run would do. */
  readonly planned?: readonly PrintedRefresh[];
  readonly sql?: string;
}

export const matviewsRefresh = defineCommand({
  path: "matviews refresh",
  summary: "Refresh materialized views, each after those it reads",
  description:
    "Follows dependencies through plain views, and works on independent views at the same time. Refreshes concurrently wherever " +
    "a unique index allows it, so that readers go on; otherwise they wait. A view that somebody refreshes at this moment is left. " +
    "One that fails keeps its contents and does not keep the others, only those that read it. Every refresh is recorded in pgwright.matview_log.",
  examples: [
    { run: "pgwright matviews refresh", says: "all of them, in the right order" },
    { run: "pgwright matviews refresh --if-changed", says: "only those that lack something" },
    { run: "pgwright matviews refresh --due --if-changed", says: "from cron, every few minutes" },
    { run: "pgwright matviews refresh shop.totals --with-sources", says: "one, and what it reads" },
    { run: "pgwright matviews refresh --dry-run", says: "print the SQL" },
  ],
  configure: (command) =>
    command
      .argument("[name...]", "views to refresh; all without")
      .option("--with-sources", "also the materialized views that they read", false)
      .option("--with-dependents", "also the materialized views that read them", false)
      .option("--if-changed", "leave those whose sources have not changed", false)
      .option("--max-age <duration>", "leave those that are younger: 15min, 1h")
      .option(
        "--due",
        "leave those younger than half of what policies/matviews.yaml promises",
        false,
      )
      .option("--plain", "rewrite them, readers wait: faster where most rows change", false)
      .addOption(
        new Option("--jobs <number>", "views at the same time").argParser(parseCount).default(2),
      )
      .addOption(dryRun()),
  async run(context, options, names): Promise<RefreshView> {
    const { settings } = await context.config();
    const { readRefreshOptions } = await import("../../insight/matviews/options.ts");
    const { planRefresh } = await import("../../insight/matviews/plan-refresh.ts");
    const choice = await readRefreshOptions(
      { ...options, names },
      settings.policies.directory,
      context.workingDirectory,
    );
    const limits = {
      lockTimeoutMs: settings.lock_timeout,
      statementTimeoutMs: settings.statement_timeout,
    };
    const plan = await (async () => {
      await using session = await context.connect({ writes: !options.dryRun, direct: true });
      return await planRefresh(session, choice);
    })();
    if (options.dryRun) {
      const { printPlan } = await import("../../insight/matviews/print.ts");
      return { views: [], ...printPlan(plan, choice, limits) };
    }
    const { refresh } = await import("../../insight/matviews/refresh.ts");
    const { throwFailed } = await import("../../insight/matviews/failure.ts");
    const { tellLeft } = await import("../../insight/matviews/tell-left.ts");
    const result = await refresh(plan, {
      open: (need) => context.connect(need),
      choice,
      role: settings.migrations.role,
      jobs: options.jobs,
      ...limits,
      lockBudgetMs: settings.lock_budget,
      events: context.events,
      signal: context.signal,
    });
    throwFailed(result);
    tellLeft(plan, result, context.events);
    return result;
  },
  // A view that another process refreshes did not get its turn: 3 is safe to retry.
  exit({ views }) {
    if (views.every(({ state }) => state === "refreshed" || state === "skipped")) return 0;
    return views.some(({ state }) => state === "refreshed") ? 4 : 3;
  },
  text: (result, view) =>
    result.sql === undefined
      ? describe(result, view)
      : result.sql || "-- there is nothing to refresh",
});

function describe({ views }: RefreshView, view: View): string {
  if (views.length === 0) return "No materialized views";
  const { style } = view;
  return views
    .map((one) => {
      const name = style.bold(one.view);
      if (one.state === "skipped") return `${name}: ${style.dim(`left, ${one.reason}`)}`;
      if (one.state !== "refreshed")
        return `${name}: ${style.yellow(`not refreshed, ${one.reason}`)}`;
      return `${name}: ${rowsOf(one, view)} in ${view.duration(one.durationMs ?? 0)}`;
    })
    .join("\n");
}

function rowsOf({ rows, added, removed, whyPlain }: RefreshedView, view: View): string {
  const total = rows === null ? "refreshed" : view.plural(rows, "row");
  if (added === null || removed === null) return `${total}, all written anew (${whyPlain})`;
  return `${total}, ${view.count(added)} written and ${view.count(removed)} removed`;
}
