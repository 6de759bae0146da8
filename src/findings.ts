import type { Location } from "./errors.ts";

export type Severity = "error" | "warning" | "info";

/** One problem found by a command whose work is to look. */
export interface Finding {
  /** Stable name, `area/problem`: "migrations/duplicate-version". */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence that names the object. */
  readonly message: string;
  /** What to type or change. */
  readonly hint?: string | undefined;
  readonly at?: Location | undefined;
  /** Text of the file `at` points into, for a code frame. Never part of the JSON. */
  readonly source?: string | undefined;
  /** The database object concerned, as `schema.name` or `schema.name.column`. */
  readonly object?: string | undefined;
}

/** What a rule is about, for reports that carry that beside its findings. */
export interface RuleText {
  /** As findings have it. */
  readonly rule: string;
  readonly severity: Severity;
  /** One line. */
  readonly summary: string;
  /** What happens. */
  readonly why?: string;
  /** SQL to write in its place. */
  readonly safe?: string;
  /** The comment that explains a finding away. */
  readonly ignore?: string;
}

const rank: Record<Severity, number> = { info: 0, warning: 1, error: 2 };

/** True when a finding is at least as severe as `threshold`. */
export function reaches(findings: readonly Finding[], threshold: Severity): boolean {
  return findings.some((finding) => rank[finding.severity] >= rank[threshold]);
}
