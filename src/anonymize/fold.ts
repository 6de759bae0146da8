/** Which values of a domain count as equal, so that they get the same mask. */
import type { ValueType } from "./type-kind.ts";

/**
 * - none: those that the database calls equal;
 * - case: those that differ in case alone, as for citext;
 * - address: also those that differ in spaces around them or in how Unicode writes a letter (NFKC):
 *   tables that keep e-mail addresses unique write them down like this.
 */
export type Fold = "none" | "case" | "address";

export interface Alike {
  readonly fold: Fold;
  /** A non-deterministic one, as SQL: texts that it calls equal count as equal too. */
  readonly collation: string | null;
}

/** Only what the database calls equal without a word of a collation. */
export const asIs: Alike = { fold: "none", collation: null };

/** SQL of a text that is the same for values that are equal. */
export function canonical(
  value: string,
  type: ValueType,
  { fold, collation }: Alike,
  isUnicode: boolean,
): string {
  const text = foldSql(value, type, fold, isUnicode);
  if (collation === null || type.kind !== "text") return text;
  // Of such a collation PostgreSQL hashes what equal texts have in common; nothing else gives that away.
  const hash = (seed: number) => `hashtextextended((${text}) collate ${collation}, ${seed})::text`;
  return `(${hash(0)} || ' ' || ${hash(1)})`;
}

function foldSql(value: string, type: ValueType, fold: Fold, isUnicode: boolean): string {
  // 1.0 equals 1.00, and a foreign key may say so.
  const text = type.base === "numeric" ? `trim_scale(${value})::text` : `${value}::text`;
  if (fold === "none" || type.kind !== "text") return text;
  if (fold === "case") return `lower(${text})`;
  // PostgreSQL normalises in databases of UTF-8 only.
  return isUnicode ? `lower(btrim(normalize(${text}, NFKC)))` : `lower(btrim(${text}))`;
}

/**
 * SQL of a column's value for functions that work on letters: regular expressions, and LIKE before
 * PostgreSQL 18, refuse texts under a non-deterministic collation.
 */
export function legible(
  value: string,
  { blindCollation }: { readonly blindCollation: string | null },
): string {
  return blindCollation === null ? value : `(${value} collate pg_catalog."default")`;
}
