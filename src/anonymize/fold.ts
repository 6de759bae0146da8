/** Which values of a domain count as equal, so that they get the same mask. */
import type { ValueType } from "./type-kind.ts";

/**
 * - none: those that the database calls equal;
 * - case: those that differ in case alone, as for citext;
 * - address: also those that differ in spaces around them or in how Unicode writes a letter (NFKC):
 *   tables that keep e-mail addresses unique write them down like this.
 */
export type Fold = "none" | "case" | "address";

/** SQL of a text that is the same for values that are equal. */
export function canonical(value: string, type: ValueType, fold: Fold, isUnicode: boolean): string {
  // 1.0 equals 1.00, and a foreign key may say so.
  const text = type.base === "numeric" ? `trim_scale(${value})::text` : `${value}::text`;
  if (fold === "none" || type.kind !== "text") return text;
  if (fold === "case") return `lower(${text})`;
  // PostgreSQL normalises in databases of UTF-8 only.
  return isUnicode ? `lower(btrim(normalize(${text}, NFKC)))` : `lower(btrim(${text}))`;
}
