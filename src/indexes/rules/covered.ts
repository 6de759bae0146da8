import { formatBytes } from "../../db/amount.ts";
import type { IndexRule } from "../rule.ts";
import { isSmall } from "../rule.ts";
import { dropHint, indexName, tableName } from "../statement.ts";
import { writesOf } from "../writes.ts";

// From here on, reading the wider index instead is noticeably more work.
const muchLarger = 2;

/** An index whose columns another one begins with. The narrow one is smaller, and that may be wanted. */
export const covered: IndexRule = ({ indexes, redundant, all }) =>
  indexes.flatMap((index) => {
    const found = redundant.get(index.oid);
    if (found?.kind !== "covered" || (isSmall(index) && !all)) return [];
    const { keeper } = found;
    const [bytes, wider] = [index.bytes ?? 0, keeper.bytes ?? 0];
    const but =
      wider > muchLarger * bytes
        ? `; mind that the other is ${(wider / Math.max(bytes, 1)).toFixed(1)} times as large`
        : "";
    return {
      rule: "indexes/covered",
      severity: "info" as const,
      object: indexName(index),
      message: `index ${indexName(index)} on ${tableName(index)}, ${index.definition}, is covered by ${indexName(keeper)}, ${keeper.definition}: it takes ${formatBytes(bytes)}${writesOf(index)}`,
      hint: `${dropHint(index)}${but}`,
    };
  });
