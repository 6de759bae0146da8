/** What the rules look at: indexes, foreign keys, and how long the server has been counting. */
import type { Session } from "../db/session.ts";
import listSpreads from "./boolean-spread.sql";
import listForeignKeys from "./foreign-keys.sql";
import listIndexes from "./indexes.sql";
import type { InvalidIndex } from "./invalid.ts";
import { readInvalid } from "./invalid.ts";
import listLocked from "./locked.sql";
import readCounters from "./statistics.sql";

/** An index as the catalog has it. One of a partitioned table stands for all its parts. */
export interface IndexFacts {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly tableName: string;
  readonly tableOid: string;
  readonly method: string;
  readonly isPartitioned: boolean;
  /** Attached to the index of a partitioned table: it comes and goes with that one. */
  readonly isPart: boolean;
  /** Of a materialized view. */
  readonly isOfView: boolean;
  readonly isUnique: boolean;
  readonly isNullsNotDistinct: boolean;
  /** False for that of a deferrable constraint. */
  readonly isImmediate: boolean;
  readonly isPrimary: boolean;
  readonly isExclusion: boolean;
  readonly isReplicaIdentity: boolean;
  readonly isClustered: boolean;
  readonly isValid: boolean;
  /** The primary key, unique or exclusion constraint it belongs to. */
  readonly constraint: string | null;
  /** A foreign key relies on its uniqueness. */
  readonly isReferenced: boolean;
  /** One text for each key column: two are equal when the columns are indexed alike. */
  readonly keys: readonly string[];
  /** Names of the key columns; null for an expression. */
  readonly columns: readonly (string | null)[];
  /** Names of the INCLUDE columns. */
  readonly included: readonly string[];
  readonly predicate: string | null;
  /** Storage parameters: "fillfactor=70". */
  readonly options: readonly string[];
  /** "btree (a, b DESC) INCLUDE (c) WHERE (d > 0)" */
  readonly definition: string;
  readonly bytes: number | null;
  /** Since the counters began. */
  readonly scans: number | null;
  /** Server's text form; null where never or, before PostgreSQL 16, unknown. */
  readonly lastScan: string | null;
  readonly secondsSinceScan: number | null;
  /** Estimated rows of the table, dead ones not counted; 0 is also unknown. */
  readonly rows: number | null;
  readonly tableBytes: number | null;
  /** Inserts and updates that had to write every index of the table, since the counters began. */
  readonly writes: number | null;
}

export interface ForeignKeyFacts {
  readonly name: string;
  readonly schema: string;
  readonly tableName: string;
  readonly tableOid: string;
  readonly isPartitioned: boolean;
  readonly columns: readonly string[];
  /** `schema.table`, quoted where needed. */
  readonly referenced: string;
  /** As in pg_constraint.confdeltype: a, r, c, n, d. */
  readonly onDelete: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  /** Deletes from the referenced table, since the counters began. */
  readonly deletes: number | null;
  /** The table itself, or its leaves, with the indexes whose first columns are those of the key. */
  readonly leaves: readonly {
    readonly table: string;
    readonly covering: readonly {
      /** Oid of the index; for a part, of the partitioned index it belongs to. */
      readonly index: string;
      readonly predicate: string | null;
    }[];
  }[];
}

/** Shares of all rows, 0 to 1. */
export interface BooleanSpread {
  readonly index: string;
  readonly column: string;
  readonly nullShare: number;
  readonly trueShare: number;
  readonly falseShare: number;
}

export interface Counters {
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly ageSeconds: number;
  /** `track_counts` is on. */
  readonly isCounting: boolean;
  readonly isStandby: boolean;
  /** Standbys attached to this server, as far as it knows. */
  readonly standbys: number;
}

export interface Catalog {
  readonly indexes: readonly IndexFacts[];
  readonly foreignKeys: readonly ForeignKeyFacts[];
  readonly spreads: readonly BooleanSpread[];
  readonly invalid: readonly InvalidIndex[];
  readonly counters: Counters;
  /** Tables that were not looked at. */
  readonly locked: readonly LockedTable[];
}

/** A table that somebody locks exclusively, or a partitioned one with such a partition. */
export interface LockedTable {
  readonly oid: string;
  /** `schema.table`, quoted where needed. */
  readonly table: string;
  /** Who locks it. */
  readonly pid: number;
}

/** What is looked at. */
export interface Scope {
  readonly schema: string | undefined;
  /** Oid of the only table. */
  readonly tableOid: string | undefined;
  readonly ledger: { readonly schema: string; readonly table: string };
  /** The parts of partitioned indexes as well. */
  readonly withParts: boolean;
}

/** To be called in a transaction of `lookSafely`, in which only pg_catalog is searched. */
export async function readCatalog(session: Session, scope: Scope): Promise<Catalog> {
  const { schema = null, tableOid = null, ledger, withParts } = scope;
  const places = [schema, tableOid, ledger.schema, ledger.table] as const;
  const locked = await session.query<LockedTable>(listLocked, [schema, tableOid]);
  const omitted = `{${locked.map(({ oid }) => oid).join(",")}}`;
  return {
    locked,
    indexes: await session.query<IndexFacts>(listIndexes, [...places, withParts, omitted]),
    foreignKeys: await session.query<ForeignKeyFacts>(listForeignKeys, [...places, omitted]),
    spreads: await session.query<BooleanSpread>(listSpreads, [schema, tableOid]),
    invalid: await readInvalid(session),
    counters: await session.one<Counters>(readCounters),
  };
}
