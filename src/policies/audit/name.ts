/** Names of what is made for a table. */
import { createHash } from "node:crypto";

const longest = 63;

/**
 * `name` with `suffix`, within the 63 bytes of a PostgreSQL name: where it is too long, its end gives
 * way to eight digits of its hash. PostgreSQL itself would cut the suffix off, and two tables would
 * share a function.
 */
export function boundedName(name: string, suffix: string): string {
  if (Buffer.byteLength(name + suffix) <= longest) return name + suffix;
  const digits = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let kept = name;
  while (Buffer.byteLength(`${kept}_${digits}${suffix}`) > longest) {
    kept = Array.from(kept).slice(0, -1).join("");
  }
  return `${kept}_${digits}${suffix}`;
}

export const rowTriggerOf = (table: string): string => boundedName(table, "_audit_trigger");
export const truncateTriggerOf = (table: string): string => boundedName(table, "_audit_truncate");
