import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, usesOwnFunction } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listIndexes from "./indexes.sql";
import { address, stages } from "./object.ts";
import type { Key, SchemaObject } from "./object.ts";
import { storageOptions } from "./options.ts";
import { groupBy, noteTablespace, partOf, parts } from "./relations.ts";
import type { Relation, Relations } from "./relations.ts";

interface IndexRow {
  readonly oid: number;
  readonly relation: number;
  readonly schema: string;
  readonly name: string;
  readonly definition: string;
  readonly constraint: number | null;
  /** The index of the partitioned table that it is attached to. */
  readonly parent: number | null;
  readonly isPartitioned: boolean;
  readonly isValid: boolean;
  readonly isClustered: boolean;
  readonly isReplicaIdentity: boolean;
  readonly options: readonly string[];
  readonly tablespace: string | null;
  readonly statisticsTargets: readonly (readonly [column: number, target: number])[];
}

export interface Index extends IndexRow {
  /** `schema.name`, quoted where needed. */
  readonly id: string;
}

export interface Indexes {
  readonly of: ReadonlyMap<number, readonly Index[]>;
  readonly byOid: ReadonlyMap<number, Index>;
}

export async function readIndexes(catalog: Catalog): Promise<Indexes> {
  const rows = await catalog.session.query<IndexRow>(listIndexes);
  const indexes = rows.map((row) => ({ ...row, id: qualified(row.schema, row.name) }));
  return {
    of: groupBy(indexes, (index) => index.relation),
    byOid: new Map(indexes.map((index) => [index.oid, index])),
  };
}

/** The indexes of one relation that do not belong to a constraint. */
export function indexObjects(
  catalog: Catalog,
  relation: Relation,
  found: { indexes: Indexes; relations: Relations },
): SchemaObject[] {
  return (found.indexes.of.get(relation.oid) ?? [])
    .filter((index) => index.constraint === null)
    .map((index) => {
      const own = address("class", index.oid);
      return partOf(relation, {
        label: `index ${index.id}`,
        addresses: [own],
        rank: "index",
        name: index.name,
        key: indexKey(index, relation, found),
        // PostgreSQL plans an index's expressions when it creates it, and so may read the body of
        // a function, which can mention anything.
        ...(usesOwnFunction(catalog, own) && { stage: stages.postponed }),
        // On a partitioned table it is made with ONLY, and on each partition by name: ATTACH
        // PARTITION would otherwise make indexes with names of its own.
        requires: [relation.oid, ...relation.descendants].map((oid) => address("class", oid)),
        statements: createIndex(catalog, relation, index, found.indexes),
      });
    });
}

function createIndex(
  catalog: Catalog,
  relation: Relation,
  index: Index,
  indexes: Indexes,
): string[] {
  const parent = indexes.byOid.get(index.parent ?? 0);
  const attributes = indexAttributes(catalog, index, relation, []);
  if (!index.isValid && !index.isPartitioned) {
    catalog.findings.push({
      rule: "dump/invalid-index",
      severity: "warning",
      message: `the index ${index.id} on ${relation.id} is invalid and left out: a concurrent build of it failed or is still running`,
      hint: `REINDEX INDEX CONCURRENTLY ${index.id} builds it, DROP INDEX CONCURRENTLY ${index.id} drops it`,
      object: index.id,
    });
    return [];
  }
  return [
    asReread(index.definition),
    ...(parent ? [`ALTER INDEX ${parent.id} ATTACH PARTITION ${index.id}`] : []),
    ...attributes,
  ];
}

/** An index of a partitioned table stands behind its partitions, with theirs below it. */
function indexKey(
  index: Index,
  relation: Relation,
  found: { indexes: Indexes; relations: Relations },
): Key {
  const parent = found.indexes.byOid.get(index.parent ?? 0);
  const parentRelation = found.relations.get(parent?.relation ?? 0);
  if (parent && parentRelation && parent.constraint === null) {
    return [...indexKey(parent, parentRelation, found), 1, index.id];
  }
  const rank = index.isPartitioned ? parts.treeIndex : parts.index;
  return [...relation.key, rank, index.name, 0];
}

/** What may follow the creation of any index, that of a constraint included. */
export function indexAttributes(
  catalog: Catalog,
  index: Index,
  relation: Relation,
  options: readonly string[] = storageOptions(index.options),
): string[] {
  if (index.tablespace !== null) noteTablespace(catalog, index.id, index.tablespace);
  const name = ident(index.name);
  return [
    ...(options.length === 0 ? [] : [`ALTER INDEX ${index.id} SET (${options.join(", ")})`]),
    ...index.statisticsTargets.map(
      ([column, target]) =>
        `ALTER INDEX ${index.id} ALTER COLUMN ${column} SET STATISTICS ${target}`,
    ),
    ...(index.isClustered ? [`ALTER TABLE ${relation.id} CLUSTER ON ${name}`] : []),
    ...(index.isReplicaIdentity
      ? [`ALTER TABLE ONLY ${relation.id} REPLICA IDENTITY USING INDEX ${name}`]
      : []),
    ...attributesOf(catalog, { address: address("class", index.oid), name: `INDEX ${index.id}` }),
  ];
}
