/** One national identifier. */

export interface Scheme {
  /** "Polish PESEL" */
  readonly title: string;
  readonly entity: "national_id" | "health_id";
  /** Phrases of names that mean it, separated by commas. */
  readonly names: string;
  /** On upper case without blanks, dots, dashes and slashes. */
  readonly pattern: RegExp;
  /** Lengths that the pattern matches. */
  readonly lengths: readonly number[];
  /** Its check digits and other rules; true where it has none. */
  readonly check: (compact: string) => boolean;
  /** Share of arbitrary values of the pattern that pass the check. */
  readonly chance: number;
  /**
   * Identifiers of companies or of other countries pass the same check, or there is none: values
   * alone say little.
   */
  readonly isCommon?: boolean;
  /** The usual way to write it, where that is nobody else's. */
  readonly written?: RegExp;
}
