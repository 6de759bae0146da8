import type { Arithmetic } from "./arithmetic.ts";

/** What CHECK constraints ask of one column, as far as it is understood. */
export interface Rule {
  /** The only values there are (`IN`), as text. */
  values?: readonly string[];
  /** Values that are excluded (`<>`). */
  not?: readonly string[];
  /** Bounds; times are seconds since 1970 UTC. */
  min?: number;
  isMinExclusive?: boolean;
  max?: number;
  isMaxExclusive?: boolean;
  minLength?: number;
  maxLength?: number;
  /** A POSIX regular expression that the text matches. */
  pattern?: string;
  /** What jsonb_typeof gives. */
  jsonType?: string;
  isNotNull?: boolean;
  isNull?: boolean;
  letterCase?: "lower" | "upper";
  /** Columns of the same row that this one is greater than, or not less than. */
  after?: readonly { readonly column: string; readonly isStrict: boolean }[];
  /** What the row's other columns make of it (`gross = net + tax`); undefined where one of them is NULL. */
  computed?: Arithmetic;
  /** Columns of the same row that differ from this one. */
  distinctFrom?: readonly string[];
}

/** Both rules at once; bounds and lists of values meet. */
export function meet(one: Rule, other: Rule): Rule {
  const result: Rule = { ...one, ...other };
  if (one.values && other.values) {
    const allowed = new Set(other.values);
    result.values = one.values.filter((value) => allowed.has(value));
  }
  if (one.not && other.not) result.not = [...one.not, ...other.not];
  if (one.min !== undefined && other.min !== undefined && one.min >= other.min) {
    result.min = one.min;
    result.isMinExclusive =
      one.min === other.min
        ? one.isMinExclusive === true || other.isMinExclusive === true
        : one.isMinExclusive === true;
  }
  if (one.max !== undefined && other.max !== undefined && one.max <= other.max) {
    result.max = one.max;
    result.isMaxExclusive =
      one.max === other.max
        ? one.isMaxExclusive === true || other.isMaxExclusive === true
        : one.isMaxExclusive === true;
  }
  if (one.minLength !== undefined && other.minLength !== undefined) {
    result.minLength = Math.max(one.minLength, other.minLength);
  }
  if (one.maxLength !== undefined && other.maxLength !== undefined) {
    result.maxLength = Math.min(one.maxLength, other.maxLength);
  }
  if (one.after && other.after) result.after = [...one.after, ...other.after];
  if (one.distinctFrom && other.distinctFrom) {
    result.distinctFrom = [...one.distinctFrom, ...other.distinctFrom];
  }
  return result;
}
