/** Which index makes another one superfluous. */
import type { IndexFacts } from "./catalog.ts";

/** `duplicate`: both are the same; `covered`: the other one has more columns. */
export interface Redundancy {
  readonly kind: "duplicate" | "covered";
  readonly keeper: IndexFacts;
}

/**
 * The indexes that could go, by oid, each with the one that does their work and stays: never one
 * that is named as superfluous itself.
 */
export function findRedundant(indexes: readonly IndexFacts[]): Map<string, Redundancy> {
  const found = new Map<string, Redundancy>();
  for (const rivals of byTable(indexes)) {
    for (const index of rivals) {
      if (!index.isValid || isNeeded(index)) continue;
      const keepers = rivals.filter((other) => other.isValid && makesSuperfluous(other, index));
      const best = keepers.toSorted((a, b) => rank(a) - rank(b) || Number(a.oid) - Number(b.oid));
      // Whatever makes a keeper superfluous does the same to this one, so one of them stays.
      const keeper = best.find(
        (other) => !keepers.some((third) => third !== other && makesSuperfluous(third, other)),
      );
      if (keeper === undefined) continue;
      found.set(index.oid, { kind: isSame(keeper, index) ? "duplicate" : "covered", keeper });
    }
  }
  return found;
}

function byTable(indexes: readonly IndexFacts[]): Iterable<IndexFacts[]> {
  const tables = new Map<string, IndexFacts[]>();
  for (const index of indexes) {
    const others = tables.get(index.tableOid);
    if (others === undefined) tables.set(index.tableOid, [index]);
    else others.push(index);
  }
  return tables.values();
}

/** More than a way to find rows hangs on it: a constraint, an identity, an order on disk. */
export function isNeeded(index: IndexFacts): boolean {
  return (
    index.isPart ||
    index.isPrimary ||
    index.isExclusion ||
    index.constraint !== null ||
    index.isReferenced ||
    index.isReplicaIdentity ||
    index.isClustered
  );
}

/** True when `index` may go because `keeper` stays; of two that are the same, only in one direction. */
function makesSuperfluous(keeper: IndexFacts, index: IndexFacts): boolean {
  if (keeper === index || isNeeded(index)) return false;
  if (keeper.method !== index.method || keeper.predicate !== index.predicate) return false;
  if (index.isUnique && !keepsUnique(keeper, index)) return false;
  if (isSame(keeper, index)) {
    return rank(keeper) < rank(index) || isOlder(keeper, index);
  }
  // Only a btree can be used by its first columns alone.
  return !index.isUnique && index.method === "btree" && isWider(keeper, index);
}

/** Uniqueness must stay as strict and be checked as early; NULLS NOT DISTINCT refuses more. */
function keepsUnique(keeper: IndexFacts, index: IndexFacts): boolean {
  return (
    keeper.isUnique &&
    keeper.isImmediate &&
    (keeper.isNullsNotDistinct || !index.isNullsNotDistinct) &&
    isSame(keeper, index)
  );
}

/** The same keys, compared alike, and nothing more in it. Storage parameters only matter to some methods. */
function isSame(a: IndexFacts, b: IndexFacts): boolean {
  return (
    a.keys.length === b.keys.length &&
    isPrefix(a.keys, b.keys) &&
    sameNames(a.included, b.included) &&
    (a.method === "btree" || a.method === "hash" || sameNames(a.options, b.options))
  );
}

/** Begins with the same keys, and has every other column of `index` somewhere. */
function isWider(keeper: IndexFacts, index: IndexFacts): boolean {
  if (!isPrefix(index.keys, keeper.keys)) return false;
  const has = new Set([...keeper.columns, ...keeper.included]);
  return index.included.every((column) => has.has(column));
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.every((key, i) => key === long[i]);
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

/** What stays rather: a constraint's, then a unique one, then the rest. */
function rank(index: IndexFacts): number {
  if (isNeeded(index)) return 0;
  return index.isUnique ? (index.isNullsNotDistinct ? 1 : 2) : 3;
}

/** Oids are given in order, until they wrap around after four thousand million. */
function isOlder(a: IndexFacts, b: IndexFacts): boolean {
  return rank(a) === rank(b) && Number(a.oid) < Number(b.oid);
}
