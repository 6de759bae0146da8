import { formatCount } from "../../db/amount.ts";
import { nodesOf } from "../plan-tree.ts";
import { isCatalog, type Problem, type QueryRule } from "../rule.ts";
import { tableOf, wholeName } from "../tables.ts";

// Autovacuum analyzes at a tenth; twice that, and it does not come round.
const share = 0.2;
const least = 1000;

/** The planner's statistics are missing, or older than most rows. */
export const stale: QueryRule = ({ plan, tables }) => {
  const found = new Map<string, Problem>();
  for (const node of nodesOf(plan)) {
    const table = tableOf(node, tables);
    if (table === undefined || isCatalog(table)) continue;
    const name = wholeName(table);
    const changed = table.changedSinceAnalyze ?? 0;
    const isMissing = table.neverAnalyzed && table.liveRows >= least && table.analyzedAt === null;
    if (!isMissing && changed < Math.max(least, table.rows * share)) continue;
    found.set(name, {
      rule: "slow-queries/stale-statistics",
      severity: isMissing ? "warning" : "info",
      object: name,
      message: isMissing
        ? `${name} was never analyzed: the planner guesses`
        : `${formatCount(changed)} rows of ${name} changed since it was analyzed, of ${formatCount(Math.round(table.rows))}: the planner may guess wrong`,
      hint: `\`ANALYZE ${name};\``,
    });
  }
  return [...found.values()];
};
