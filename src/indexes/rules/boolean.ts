import { formatBytes, formatCount } from "../../db/amount.ts";
import { ident } from "../../db/identifier.ts";
import type { BooleanSpread, IndexFacts } from "../catalog.ts";
import type { IndexRule } from "../rule.ts";
import { isSmall } from "../rule.ts";
import { dropHint, indexName, tableName, undoHint } from "../statement.ts";

// A value that more rows than this have is found faster by reading the table in order.
const rare = 0.1;

/**
 * An index on nothing but a boolean column. Without statistics of the column nothing is said, nor
 * of one whose values are all rare (most of its rows are null).
 */
export const boolean: IndexRule = ({ indexes, spreads, redundant, all }) =>
  indexes.flatMap((index) => {
    const spread = spreads.find((row) => row.index === index.oid);
    if (!spread || !index.isValid || redundant.has(index.oid) || (isSmall(index) && !all))
      return [];
    if (index.isClustered || index.isReplicaIdentity || index.isPart) return [];
    const commonest = Math.max(spread.trueShare, spread.falseShare);
    if (commonest <= rare) return [];
    return {
      rule: "indexes/boolean",
      severity: "info" as const,
      object: indexName(index),
      message: `index ${indexName(index)} on ${tableName(index)} has only the boolean ${ident(spread.column)}, which is ${describe(spread)}: ${judge(spread, index)}`,
      hint: adviseOn(spread, index),
    };
  });

function describe({ trueShare, falseShare, nullShare }: BooleanSpread): string {
  const parts = [`true in ${percent(trueShare)}`, `false in ${percent(falseShare)}`];
  if (nullShare > 0) parts.push(`null in ${percent(nullShare)}`);
  return `${parts.join(", ")} of the rows`;
}

/** The value few rows have, when there is one that any row has. */
function rareValue({ trueShare, falseShare }: BooleanSpread): boolean | undefined {
  const isTrueRare = trueShare < falseShare;
  const share = isTrueRare ? trueShare : falseShare;
  return share > 0 && share <= rare ? isTrueRare : undefined;
}

function judge(spread: BooleanSpread, { bytes, scans }: IndexFacts): string {
  const used = `it takes ${formatBytes(bytes ?? 0)} and was scanned ${formatCount(scans ?? 0)} times`;
  return rareValue(spread) === undefined
    ? `reading the table in order is as fast for the values that rows have; ${used}`
    : `the larger part of it leads to rows that are found as fast without it; ${used}`;
}

function adviseOn(spread: BooleanSpread, index: IndexFacts): string {
  const value = rareValue(spread);
  if (value === undefined) return `${dropHint(index)}; undo with ${undoHint(index)}`;
  const column = ident(spread.column);
  const where = value ? column : `NOT ${column}`;
  return `index the columns that queries for the rare value look for, and only its rows: \`CREATE INDEX CONCURRENTLY … ON ${tableName(index)} (…) WHERE ${where}\`, then ${dropHint(index)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 0)} %`;
}
