import { ruleOfFacts, sqlName } from "../say.ts";

export const refreshView = ruleOfFacts({
  name: "refresh-view",
  severity: "warning",
  summary: "REFRESH MATERIALIZED VIEW without CONCURRENTLY blocks readers",
  why: "The view is locked in ACCESS EXCLUSIVE for as long as its query takes. CONCURRENTLY needs a unique index, and lets readers go on.",
  safe: "CREATE UNIQUE INDEX daily_totals_day ON daily_totals (day);\nREFRESH MATERIALIZED VIEW CONCURRENTLY daily_totals;",
  facts: ["refresh-view"],
  say: ({ table, work }) =>
    work === "none"
      ? undefined
      : {
          message: `nobody can read ${sqlName(table)} while its query runs (ACCESS EXCLUSIVE)`,
          hint: `\`REFRESH MATERIALIZED VIEW CONCURRENTLY ${sqlName(table)};\`, for which it needs a unique index; \`pgwright matviews refresh\` does it outside of migrations`,
        },
});
