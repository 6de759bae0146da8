/** Tables and views as the catalog shows them, and the place each has in the dump. */
import { qualified } from "../db/identifier.ts";
import type { Catalog } from "./catalog.ts";
import { stages } from "./object.ts";
import type { Address, Key, SchemaObject, Stage } from "./object.ts";
import type { ForeignOption } from "./options.ts";
import listRelations from "./relations.sql";

interface RelationRow {
  readonly oid: number;
  readonly rowType: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** r(elation), p(artitioned), f(oreign), v(iew), m(aterialized view). */
  readonly kind: "r" | "p" | "f" | "v" | "m";
  readonly isUnlogged: boolean;
  readonly isPartition: boolean;
  readonly parents: readonly number[] | null;
  readonly isBeingDetached: boolean | null;
  readonly partitionKey: string | null;
  readonly bound: string | null;
  readonly options: readonly string[];
  readonly toastOptions: readonly string[];
  /** Null for heap, which needs no mention. */
  readonly accessMethod: string | null;
  readonly tablespace: string | null;
  readonly replicaIdentity: string;
  readonly hasRowSecurity: boolean;
  readonly forcesRowSecurity: boolean;
  readonly ofType: string | null;
  readonly server: string | null;
  readonly foreignOptions: readonly ForeignOption[];
  readonly query: string | null;
  readonly queryRule: number | null;
  /** Triggers behind foreign keys that are not enabled in the usual way. */
  readonly disabledInternals: number;
}

export interface Relation extends RelationRow {
  /** `schema.name`, quoted where needed. */
  readonly id: string;
  readonly stage: Stage;
  readonly section: string;
  /** Beginning of the keys of the relation and its parts. */
  readonly key: Key;
  readonly block: string;
  /** Oids of everything that inherits from it, directly or not. */
  readonly descendants: number[];
}

export type Relations = ReadonlyMap<number, Relation>;

/** Order of what belongs to a relation. */
export const parts = {
  sequence: 0,
  relation: 1,
  default: 2,
  constraint: 3,
  index: 4,
  statistics: 6,
  rule: 7,
  trigger: 8,
  policy: 9,
  partition: 10,
  /** What must wait until the partitions are attached. */
  treeConstraint: 11,
  treeIndex: 12,
  triggerState: 13,
} as const;

/** Tables come after sequences of their own, views after functions and types that need tables. */
const ranks = { table: 1, view: 20 } as const;

export async function readRelations(catalog: Catalog): Promise<Relations> {
  const rows = await catalog.session.query<RelationRow>(listRelations);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const relations = new Map<number, Relation>();
  const add = (row: RelationRow): Relation => {
    const known = relations.get(row.oid);
    if (known) return known;
    const parent = row.isPartition ? byOid.get(row.parents?.[0] ?? 0) : undefined;
    const relation = placeOf(row, parent && add(parent));
    relations.set(row.oid, relation);
    return relation;
  };
  for (const row of rows) add(row);
  for (const relation of relations.values()) {
    for (const ancestor of ancestorsOf(relation, relations)) {
      ancestor.descendants.push(relation.oid);
    }
    if (relation.parents?.some((oid) => !relations.has(oid)) === true) {
      catalog.refused.push(`${relation.id}, which inherits from a table of an extension`);
    }
    noteOddities(catalog, relation);
  }
  return relations;
}

function placeOf(row: RelationRow, parent: Relation | undefined): Relation {
  const id = qualified(row.schema, row.name);
  if (parent) {
    // A partition stands in the block of its tree, wherever its schema is.
    const { stage, section, block } = parent;
    const key = [...parent.key, parts.partition, id];
    return { ...row, id, stage, section, block, key, descendants: [] };
  }
  const isView = row.kind === "v" || row.kind === "m";
  return {
    ...row,
    id,
    stage: isView ? stages.views : stages.tables,
    section: row.schema,
    key: [isView ? ranks.view : ranks.table, row.name],
    block: `relation ${id}`,
    descendants: [],
  };
}

/** Each relation it inherits from, once. */
function ancestorsOf(relation: Relation, relations: Relations): Set<Relation> {
  const found = new Set<Relation>();
  const climb = (row: RelationRow): void => {
    for (const oid of row.parents ?? []) {
      const parent = relations.get(oid);
      if (!parent || found.has(parent)) continue;
      found.add(parent);
      climb(parent);
    }
  };
  climb(relation);
  return found;
}

function noteOddities(catalog: Catalog, relation: Relation): void {
  const { id } = relation;
  if (relation.isBeingDetached === true) {
    catalog.refused.push(`${id}, a partition whose DETACH CONCURRENTLY was not finished`);
  }
  if (relation.disabledInternals > 0) {
    catalog.refused.push(
      `disabled foreign key triggers of ${id} (ALTER TABLE … ENABLE TRIGGER ALL would enable them)`,
    );
  }
  if (relation.tablespace !== null) noteTablespace(catalog, id, relation.tablespace);
}

/** Where a table's file lies is the server's affair, not the schema's. */
export function noteTablespace(catalog: Catalog, id: string, tablespace: string): void {
  catalog.findings.push({
    rule: "dump/tablespace",
    severity: "info",
    message: `${id} lies in the tablespace ${tablespace}, which the dump does not say`,
    object: id,
  });
}

export function groupBy<T, K>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

/** Makes an object that belongs to a relation and stands in its block. */
export function partOf(
  relation: Relation,
  part: {
    readonly label: string;
    readonly addresses: readonly Address[];
    readonly rank: keyof typeof parts;
    readonly name: string;
    readonly stage?: Stage;
    /** Replaces rank and name. */
    readonly key?: Key;
    readonly requires?: readonly Address[];
    readonly ignores?: readonly Address[];
    readonly statements: readonly string[];
  },
): SchemaObject {
  return {
    label: part.label,
    addresses: part.addresses,
    stage: part.stage ?? relation.stage,
    section: relation.section,
    key: part.key ?? [...relation.key, parts[part.rank], part.name],
    block: relation.block,
    relation: relation.id,
    isPart: true,
    ...(part.requires && { requires: part.requires }),
    ...(part.ignores && { ignores: part.ignores }),
    statements: () => [...part.statements],
  };
}
