/** Indexes that are not valid: what each is, and what mends it by hand. */
import { formatNames, formatShare } from "../db/amount.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import listInvalid from "./invalid.sql";

export interface InvalidIndex {
  readonly oid: string;
  /** `schema.index`, each part quoted where needed; the other names but these are raw. */
  readonly index: string;
  readonly table: string;
  readonly tableName: string;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly isUnique: boolean;
  /** Writes keep it up to date, and pay for it, though no query uses it. */
  readonly isMaintained: boolean;
  /** Its name is one that REINDEX CONCURRENTLY gives its temporary indexes. */
  readonly isLeftover: boolean;
  /** An index of the same table with the same definition: what such a copy was made of. */
  readonly twin: string | null;
  readonly isToast: boolean;
  /** The table whose TOAST table it belongs to. */
  readonly toastOf: string | null;
  /** How deep in a tree of partitions, itself included. */
  readonly depth: number;
  /** Oid of the topmost partitioned index; null where it is neither partitioned nor a part. */
  readonly root: string | null;
  readonly isExclusion: boolean;
  readonly constraint: { readonly type: string; readonly isDeferrable: boolean } | null;
  /** Owner of the table. */
  readonly owner: string;
  /** To become a member of it would be to become a superuser. */
  readonly isOwnerSuperuser: boolean;
  readonly mayChange: boolean;
  readonly mayBecomeOwner: boolean;
  /** By the right MAINTAIN, since 17. */
  readonly mayReindex: boolean;
  readonly ownerSeesSchema: boolean;
  /** The backend that builds it now. */
  readonly pid: number | null;
  readonly phase: string | null;
  readonly share: number | null;
  readonly waitsFor: number | null;
  /** A backend that builds an index on its table, this one or another. */
  readonly busyPid: number | null;
  /** A backend that builds something in this database that this role may not look at. */
  readonly hiddenPid: number | null;
  /** " USING btree (a)" */
  readonly definition: string;
  /** Of a partitioned index: the partitions of its table. */
  readonly leaves: readonly InvalidLeaf[] | null;
}

export interface InvalidLeaf {
  readonly table: string;
  /** Raw, as `schemaName` is; the other names are quoted where needed. */
  readonly tableName: string;
  readonly schemaName: string;
  readonly schema: string;
  /** A free name for an index on it. */
  readonly name: string;
  readonly isPartitioned: boolean;
  readonly isForeign: boolean;
  /** The index of it that is attached. */
  readonly index: string | null;
  readonly isValid: boolean;
}

/** Every index that is not valid, those of TOAST tables included, in the order of their names. */
export function readInvalid(session: Session): Promise<InvalidIndex[]> {
  return session.query<InvalidIndex>(listInvalid);
}

/** The same after an interrupt. */
export function settleInvalid(session: Session): Promise<InvalidIndex[]> {
  return session.settle<InvalidIndex>(listInvalid);
}

/** What is said of one: `building` is left alone, `invalid` is mended as `hint` says. */
export interface InvalidVerdict extends Omit<Finding, "rule"> {
  readonly kind: "building" | "invalid";
}

export function judgeInvalid(row: InvalidIndex, isStandby: boolean): InvalidVerdict {
  const { index, table } = row;
  if (row.pid !== null) {
    const share = row.share === null ? "" : `, ${formatShare(row.share)}`;
    const waits = row.waitsFor === null ? "" : `, waiting for pid ${row.waitsFor}`;
    return {
      kind: "building",
      severity: "info",
      message: `index ${index} on ${table} is being built by pid ${row.pid} (${row.phase}${share}${waits}): leave it alone`,
      object: index,
    };
  }
  if (row.isLeftover && row.busyPid !== null) {
    return {
      kind: "building",
      severity: "info",
      message: `index ${index} on ${table} is being built by pid ${row.busyPid}: leave it alone`,
      object: index,
    };
  }
  if (row.isPartitioned) return judgePartitioned(row);
  const cost = row.isMaintained
    ? `every write to ${row.toastOf ?? table} maintains it${row.isUnique && !row.isToast ? ", it refuses duplicates" : ""}, and no query uses it`
    : "no query uses it";
  const first = isStandby
    ? "make sure on the primary that nobody is building it (`SELECT * FROM pg_stat_progress_create_index;`), then there: "
    : row.hiddenPid === null
      ? ""
      : `pid ${row.hiddenPid} builds an index that this role may not look at: if it is not this one, `;
  return {
    kind: "invalid",
    severity: "warning",
    message: row.isLeftover
      ? `index ${index} on ${table} is what an interrupted REINDEX CONCURRENTLY left behind: ${cost}`
      : `index ${index} on ${table} is invalid, left by a concurrent build that failed: ${cost}`,
    object: index,
    hint: row.isLeftover
      ? `${first}\`DROP INDEX CONCURRENTLY ${index};\``
      : `${first}\`REINDEX INDEX CONCURRENTLY ${index};\`, or \`DROP INDEX CONCURRENTLY ${index};\` if it is not wanted`,
  };
}

/**
 * A partitioned index is valid when each partition has a valid index attached to it. ATTACH checks
 * that again, also for one that is attached already (seen on 15 to 18).
 */
function judgePartitioned(row: InvalidIndex): InvalidVerdict {
  const { index, table, leaves } = row;
  const lacking = (leaves ?? []).filter(({ isValid }) => !isValid);
  const names = formatNames(lacking.map((leaf) => leaf.table));
  const attached = leaves?.find((leaf) => leaf.index !== null)?.index;
  const why =
    lacking.length > 0
      ? `${names} ${lacking.length === 1 ? "has" : "have"} no valid part of it`
      : "nobody looked again since its last part became valid";
  const steps =
    lacking.length > 0
      ? lacking
          .slice(0, 20)
          .map((leaf) => repairLeaf(leaf, row))
          .join(" ") + (lacking.length > 20 ? ` and so on for ${lacking.length - 20} more` : "")
      : attached
        ? attach(index, attached)
        : `\`DROP INDEX ${index};\` \`${createOn(row, "")} ON ${table}${row.definition};\``;
  return {
    kind: "invalid",
    severity: "warning",
    object: index,
    message: `index ${index} on the partitioned table ${table} is invalid: ${why}`,
    hint: steps,
  };
}

function repairLeaf(leaf: InvalidLeaf, row: InvalidIndex): string {
  const { index } = row;
  const name = leaf.index ?? `${leaf.schema}.${leaf.name}`;
  if (leaf.index !== null) {
    // One that is partitioned itself is a finding of its own.
    const repair = leaf.isPartitioned
      ? `first repair ${name}, then`
      : `\`REINDEX INDEX CONCURRENTLY ${name};\``;
    return `${repair} ${attach(index, name)}`;
  }
  const create = leaf.isPartitioned
    ? `${createOn(row, leaf.name)} ON ONLY ${leaf.table}`
    : `${createOn(row, `CONCURRENTLY ${leaf.name}`)} ON ${leaf.table}`;
  return `\`${create}${row.definition};\` ${attach(index, name)}`;
}

function createOn({ isUnique }: InvalidIndex, name: string): string {
  return `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name}`.trimEnd();
}

function attach(index: string, part: string): string {
  return `\`ALTER INDEX ${index} ATTACH PARTITION ${part};\``;
}
