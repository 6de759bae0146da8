import { formatBytes } from "../../db/amount.ts";
import { ident } from "../../db/identifier.ts";
import type { IndexFacts } from "../catalog.ts";
import type { IndexRule } from "../rule.ts";
import { dropHint, indexName, tableName } from "../statement.ts";
import { writesOf } from "../writes.ts";

/** Two indexes that are the same: one of them only costs. A constraint's own is the one that stays. */
export const duplicate: IndexRule = ({ indexes, redundant }) =>
  indexes.flatMap((index) => {
    const found = redundant.get(index.oid);
    if (found?.kind !== "duplicate") return [];
    const { keeper } = found;
    return {
      rule: "indexes/duplicate",
      severity: "warning" as const,
      object: indexName(index),
      message: `index ${indexName(index)} on ${tableName(index)} is a duplicate of ${describeKeeper(keeper)}: ${index.definition}; it takes ${formatBytes(index.bytes ?? 0)}${writesOf(index)}`,
      hint: dropHint(index),
    };
  });

function describeKeeper(keeper: IndexFacts): string {
  const name = indexName(keeper);
  if (keeper.isPrimary) return `${name}, the primary key's`;
  if (keeper.constraint !== null)
    return `${name}, that of the constraint ${ident(keeper.constraint)}`;
  return keeper.isUnique ? `${name}, which is unique` : name;
}
