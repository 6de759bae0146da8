/** The vocabulary of policies: what a plan consists of, and what each part of `policies/` provides. */
import type { Session } from "../db/session.ts";
import type { Location } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { LockedTable } from "../locks/locked.ts";

/** The parts of `policies/`, in the order in which they are brought about. */
export const partNames = ["roles", "partitions", "audit", "row security", "grants"] as const;

export type PartName = (typeof partNames)[number];

/** One statement that brings the database nearer to what `policies/` declares. */
export interface PolicyStep {
  readonly part: PartName;
  /** What it is about, as SQL: `user_service.users`, `role analyst`. */
  readonly object: string;
  /** One statement, without a semicolon at its end. */
  readonly sql: string;
  /** Why it is needed, as a sentence fragment: "the policy is not there". */
  readonly why: string;
  /**
   * Tables that it locks so that others could notice, as the table of facts and the catalog tell
   * (cost.ts); in a plan that is shown. Of a table that the same plan creates nobody notices it.
   */
  readonly locks?: readonly LockedTable[];
  /**
   * Undefined where something that is declared is missing or differs. Otherwise the statement takes
   * away what exists only in the database and runs only with `--prune`; `security` when the extra
   * lets somebody see or do more than is declared, `other` for the rest.
   */
  readonly extra?: "security" | "other" | undefined;
  /** Role that it runs as (SET LOCAL ROLE): the owner of the object; null is the connected role. */
  readonly role: string | null;
  /** Steps that follow each other with the same unit share one transaction. */
  readonly unit: string;
  /** Roles belong to the whole cluster: such a step waits for other databases and is retried. */
  readonly isClusterWide?: boolean;
  /** It cannot run in a transaction (DETACH … CONCURRENTLY, CREATE INDEX CONCURRENTLY). */
  readonly runsAlone?: boolean;
  /** Where `policies/` declares it. */
  readonly at?: Location | undefined;
}

/** What a part has to say after it compared its files with a database. */
export interface PartPlan {
  readonly steps: readonly PolicyStep[];
  /** What no statement of a plan can mend, or what is unwise in the files. */
  readonly findings: readonly Finding[];
  /** Partitions that the steps create, for the parts that plan after it. */
  readonly coming?: readonly ComingLeaf[];
}

/** A partition that is not there yet. */
export interface ComingLeaf {
  /** Oid of the root of its partition tree. */
  readonly root: string;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
}

export interface PlanContext {
  /**
   * In an open transaction with search_path pg_catalog and row_security off. A part reads only; a
   * temporary table is all it may make, and it rolls back to a savepoint of its own after that.
   */
  readonly session: Session;
  /** Role that owns what migrations create; undefined is the connected one. */
  readonly ownerRole: string | undefined;
  /** Where the ledger is: its tables are no policy's matter. */
  readonly ledger: { readonly schema: string; readonly table: string };
  /**
   * Oids of the only tables to look at, roots of partition trees: inside the transaction of a
   * migration that touched them. Undefined is everything.
   */
  readonly only?: ReadonlySet<number> | undefined;
  /** Schemas whose rights and row security other parts compare, those of partitions included. */
  readonly governed?: ReadonlySet<string> | undefined;
  /** Partitions that earlier steps of the same plan create. */
  readonly coming?: readonly ComingLeaf[] | undefined;
  /** Declared roles that are not there yet: what is for them is left to a whole plan. */
  readonly absentRoles?: ReadonlySet<string> | undefined;
}

/** One part: reads its files, then compares them with a database. */
export interface PolicyPart<Declared> {
  readonly name: PartName;
  /** The files' content, checked; undefined when nothing of it is there. Mistakes become findings. */
  read(directory: string): Promise<{ declared: Declared | undefined; findings: Finding[] }>;
  plan(declared: Declared, context: PlanContext): Promise<PartPlan>;
}
