/** One thing to be done about a difference: its SQL, and what must hold before and after it. */

/** A label of the dump and a part of it: `column a`, `constraint b`, "" for the object itself. */
export interface Node {
  readonly label: string;
  readonly part: string;
}

export interface Step {
  /** What `left out` calls it. */
  readonly what: string;
  /** Empty where there is nothing to run: it is left out, or comes with another one. */
  readonly sql: readonly string[];
  /** Why it is left out from the beginning. */
  readonly why?: string;
  /**
   * `first` and `last` go from the last object of the first schema to its first one, `next`, where keys
   * get other names, from the first to the last, `main` in the order of the second schema. `if-needed` is run first, and only
   * where something else has to come after it.
   */
  readonly when: "first" | "next" | "main" | "last" | "if-needed";
  /** The part of the second schema's object that is there, as it is to be, only after it. */
  readonly makes?: string;
  /** The part of the first schema's object that is as it was only before it. */
  readonly ends?: string;
  /** What uses `ends` must be gone by then: it is dropped, not replaced. */
  readonly isDrop?: boolean;
  /** It may be put first, though nothing is dropped by it that others could need: a default goes. */
  readonly isMovable?: boolean;
  /** All steps of one object with the same group are run, or none. */
  readonly group?: string;
  /** It comes or goes with this one. */
  readonly follows?: Node;
  /** Columns that stay NOT NULL as long as it is not taken: those of a primary key. */
  readonly holds?: readonly string[];
  /** It drops the NOT NULL of `makes`. */
  readonly isNullable?: boolean;
  /** False for what tables that inherit from this one do not follow. */
  readonly reachesHeirs?: boolean;
  /** Names that must be free, and that become free: `relation app.users`. */
  readonly takes?: readonly string[];
  readonly frees?: readonly string[];
  /** Whether a statement that uses `makes` has to wait for it; all do unless this says otherwise. */
  readonly blocks?: (sql: string) => boolean;
  /** Follows the CREATE: it is held against the columns and constraints that it names. */
  readonly isAttribute?: boolean;
  /** Needless once one of these parts is dropped: a comment on it. */
  readonly lapsesWith?: readonly string[];
}

/** What of an object becomes of it, in words and in steps. */
export interface Described {
  readonly words: readonly string[];
  readonly steps: readonly Step[];
}

/** `column a of table app.users`, `view app.v` */
export function nodeName({ label, part }: Node): string {
  return part === "" ? label : `${part} of ${label}`;
}
