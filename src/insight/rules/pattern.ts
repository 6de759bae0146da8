import { formatBytes, formatCount } from "../../db/amount.ts";
import { ident } from "../../db/identifier.ts";
import { considerIndex } from "../candidate.ts";
import { termsOf } from "../conditions.ts";
import { nodesOf } from "../plan-tree.ts";
import { isCatalog, type Problem, type QueryRule, severityOf } from "../rule.ts";
import { tableOf, wholeName } from "../tables.ts";

/**
 * LIKE on a large table: a btree index finds what begins with a text, and only with the operator
 * class for it; what stands in the middle needs trigrams.
 */
export const pattern: QueryRule = ({ plan, query, tables }) => {
  const found = new Map<string, Problem>();
  for (const node of nodesOf(plan)) {
    const table = tableOf(node, tables);
    if (node.type !== "Seq Scan" || table === undefined || isCatalog(table)) continue;
    for (const term of termsOf(node, ["Filter"])) {
      if (term.kind !== "like" || term.around !== null) continue;
      const column = ident(term.column);
      const candidate = considerIndex(table, {
        method: "gin",
        keys: [`${column} gin_trgm_ops`],
        columns: [term.column],
        // How many rows a pattern finds is not in the statistics of a parameter: a thousandth.
        rows: table.rows / 1000,
      });
      if (candidate === undefined) continue;
      const name = wholeName(table);
      found.set(candidate.sql, {
        rule: "slow-queries/pattern",
        severity: severityOf(query),
        object: `${name}.${column}`,
        message: `${name}.${column} is searched with LIKE or a regular expression in all of its ${formatCount(Math.round(table.rows))} rows: no index of it knows what stands inside a text`,
        hint: `\`CREATE EXTENSION IF NOT EXISTS pg_trgm;\` \`${candidate.sql}\` about ${formatBytes(candidate.bytes)}; patterns of three letters and more are found by it`,
        candidate,
      });
    }
  }
  return [...found.values()];
};
