/** The vocabulary of a repair. */
import type { Finding } from "../findings.ts";

/** One statement that mends an index. */
export interface RepairStep {
  /** `schema.index`, quoted where needed. */
  readonly index: string;
  readonly table: string;
  /** Oid of the index as it was when planned; null for one that the step makes. */
  readonly oid: string | null;
  /** Statements without semicolons; only a brief step has more than one, in one transaction. */
  readonly sql: readonly [string, ...string[]];
  /** Why it is needed, as a sentence fragment. */
  readonly why: string;
  /** `concurrent` runs alone and waits for others without blocking them; `brief` is retried with lock_timeout. */
  readonly kind: "concurrent" | "brief";
  /** Role that it runs as, by SET ROLE; null is the connected one. */
  readonly role: string | null;
  /** Where what it makes is put, by SET default_tablespace; null is the usual place. */
  readonly tablespace: string | null;
  /** It takes away a copy that an interrupted rebuild left. */
  readonly isCleaning: boolean;
  /** Index that an earlier step makes or mends: without it, this one is not tried. */
  readonly needs: string | null;
}

export interface RepairPlan {
  readonly steps: readonly RepairStep[];
  /** What no step mends: a build in progress (info), a missing right, what needs a person (error). */
  readonly findings: readonly Finding[];
}
