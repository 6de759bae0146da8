import { formatAge, formatBytes } from "../../db/amount.ts";
import type { Counters, IndexFacts } from "../catalog.ts";
import { isNeeded } from "../redundancy.ts";
import type { IndexRule } from "../rule.ts";
import { isSmall } from "../rule.ts";
import { dropHint, indexName, tableName, undoHint } from "../statement.ts";
import { writesOf } from "../writes.ts";

// Whatever --min-age says, an index that a query used today is in use.
const oneDay = 86_400;

/**
 * An index that no query of this server used for as long as `--min-age`. Silent while the counters
 * are younger; the report says so. An index that finds a foreign key's rows is not asked about: the
 * key's own look-ups come with the next delete.
 */
export const unused: IndexRule = (context) => {
  const { indexes, foreignKeys, counters, minAgeSeconds, redundant, all } = context;
  if (!canTellUnused(counters, minAgeSeconds)) return [];
  const backing = new Set(
    foreignKeys.flatMap(({ leaves }) =>
      leaves.flatMap(({ covering }) => covering.map(({ index }) => index)),
    ),
  );
  return indexes.flatMap((index) => {
    if (!index.isValid || index.isUnique || isNeeded(index)) return [];
    if (backing.has(index.oid) || redundant.has(index.oid) || (isSmall(index) && !all)) return [];
    const idle = index.secondsSinceScan;
    const isUsed = idle === null || idle < Math.max(minAgeSeconds, oneDay);
    if ((index.scans ?? 0) > 0 && isUsed) return [];
    return {
      rule: "indexes/unused",
      severity: "info" as const,
      object: indexName(index),
      message: `index ${indexName(index)} on ${tableName(index)} was not used ${since(index, counters)}: it takes ${formatBytes(index.bytes ?? 0)}${writesOf(index)}`,
      hint: `${othersIdle(counters)}: ${dropHint(index)}; undo with ${undoHint(index)}`,
    };
  });
};

/** Counters that are off, or young, cannot tell what is not used. */
export function canTellUnused(
  { isCounting, ageSeconds }: Counters,
  minAgeSeconds: number,
): boolean {
  return isCounting && ageSeconds >= minAgeSeconds;
}

function since({ scans, secondsSinceScan }: IndexFacts, counters: Counters): string {
  return (scans ?? 0) > 0 && secondsSinceScan !== null
    ? `for ${formatAge(secondsSinceScan)}`
    : `since the statistics began ${formatAge(counters.ageSeconds)} ago, or since it was created`;
}

/** Each server counts its own scans only. */
function othersIdle({ isStandby, standbys }: Counters): string {
  if (isStandby)
    return "this standby counts for itself: if the primary and other standbys do not use it either, then there";
  if (standbys === 0) return "if no replica uses it either (each counts for itself)";
  return `if the ${standbys === 1 ? "standby that is" : `${standbys} standbys that are`} attached ${standbys === 1 ? "does" : "do"} not use it either (each counts for itself)`;
}
