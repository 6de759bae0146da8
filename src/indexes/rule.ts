/** What a rule is and what it is given. */
import type { Finding } from "../findings.ts";
import type { Catalog, IndexFacts } from "./catalog.ts";
import type { InvalidIndex } from "./invalid.ts";
import type { Redundancy } from "./redundancy.ts";

export interface RuleContext extends Catalog {
  /** Indexes that another one makes superfluous, by oid. */
  readonly redundant: ReadonlyMap<string, Redundancy>;
  /** Counters younger than this say nothing about what is unused. */
  readonly minAgeSeconds: number;
  /** Small tables as well. */
  readonly all: boolean;
  /** An invalid index of what is looked at. */
  readonly inScope: (index: InvalidIndex) => boolean;
  /** Names of indexes: a new one must not take them. */
  readonly taken: ReadonlySet<string>;
}

/** One kind of problem: a file of its own in `rules/`, and a line in their list. */
export type IndexRule = (context: RuleContext) => readonly Finding[];

/** Fewer rows than this are read faster than any advice about them. */
export const smallTable = 1000;

/** An empty table is small too: whatever its indexes cost or save shows only with rows in it. */
export function isSmall({ rows }: Pick<IndexFacts, "rows">): boolean {
  return (rows ?? 0) < smallTable;
}
