/** What a rule is and what it is given. */
import type { Node } from "../db/script.ts";
import type { Finding } from "../findings.ts";
import type { Candidate } from "./candidate.ts";
import type { PlanNode } from "./plan-tree.ts";
import type { Query } from "./report.ts";
import type { TableFacts, Tables } from "./tables.ts";

/** A reason why a query is slow, with what to do about it. */
export interface Problem extends Finding {
  /** Of an index that would help. */
  readonly candidate?: Candidate | undefined;
}

export interface RuleContext {
  readonly query: Query;
  readonly statement: { readonly kind: string; readonly node: Node };
  readonly plan: PlanNode;
  readonly tables: Tables;
  /** By `name` of a function in a policy: "i", "s" or "v". */
  readonly volatility: ReadonlyMap<string, string>;
}

/** One kind of reason: a file of its own in `rules/`, and a line in their list. */
export type QueryRule = (context: RuleContext) => readonly Problem[];

/** Reading fewer rows than this is not worth an index. */
export const largeTable = 10_000;

/** A query whose time somebody feels: a hundredth of the load, or a tenth of a second. */
export function severityOf({ share, meanMs }: Pick<Query, "share" | "meanMs">) {
  return share >= 0.01 || meanMs >= 100 ? ("warning" as const) : ("info" as const);
}

/** Of the server itself: nothing to be advised. */
export function isCatalog({ rootSchema }: TableFacts): boolean {
  return /^pg_|^information_schema$/.test(rootSchema);
}
