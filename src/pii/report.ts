/** What a scan for personal data finds, as data; the command's views are made of it. */

/** certain from 0.95, likely from 0.7, possible from 0.35; what is below is not reported. */
export type Certainty = "certain" | "likely" | "possible";

export type ScanLevel = "fast" | "sample" | "full";

/** One column, or one path of its JSON, that holds personal data of one kind. */
export interface PiiFinding {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Below a JSON or composite value, beginning with the column: `meta.contacts[*].email`. */
  readonly path?: string;
  /** "email", "phone", "national_id", …: the names of the list in docs/formats.md. */
  readonly entity: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly level: Certainty;
  /** Why, a line each; values in it are masked. */
  readonly evidence: readonly string[];
  /** It names one person by itself, as an e-mail address does and a city does not. */
  readonly direct: boolean;
}

/** What could not be looked into, and why. */
export interface Unread {
  /** `schema.table` or `schema.table.column`. */
  readonly object: string;
  readonly why: string;
  /** What to type. */
  readonly hint?: string;
}

export interface PiiReport {
  readonly level: ScanLevel;
  readonly tables: number;
  readonly columns: number;
  /** Rows that were read; 0 at the fast level. */
  readonly rows: number;
  /** In the order of schema, table, column's place in it, path. */
  readonly findings: readonly PiiFinding[];
  /** Their names and types are judged all the same. */
  readonly unread: readonly Unread[];
}
