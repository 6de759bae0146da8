/** CHECK, PRIMARY KEY, UNIQUE, EXCLUDE and FOREIGN KEY. */
import { ident } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { commentOn, usesOwnFunction } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import listConstraints from "./constraints.sql";
import type { Index, Indexes } from "./indexes.ts";
import { indexAttributes } from "./indexes.ts";
import { address, stages } from "./object.ts";
import type { Address, Piece, SchemaObject } from "./object.ts";
import { groupBy, partOf } from "./relations.ts";
import type { Relation, Relations } from "./relations.ts";

export interface Constraint {
  readonly oid: number;
  readonly relation: number;
  readonly type: "c" | "p" | "u" | "x" | "f";
  readonly name: string;
  readonly definition: string;
  /** 0 where there is none. */
  readonly index: number;
  readonly isIndexValid: boolean | null;
  readonly isValid: boolean;
  readonly isEnforced: boolean;
  readonly isLocal: boolean;
  readonly isInherited: boolean;
  readonly parent: number;
  readonly parentName: string | null;
  /** Its index calls a function of the database's users, whose body may mention anything. */
  readonly usesOwnFunction: boolean;
  /** It is made after its table, by choice. */
  readonly isSeparate: boolean;
}

export interface Constraints {
  readonly of: ReadonlyMap<number, readonly Constraint[]>;
  readonly byOid: ReadonlyMap<number, Constraint>;
  /** Those on partitions, by the constraint they belong to. */
  readonly childrenOf: ReadonlyMap<number, readonly Constraint[]>;
}

export async function readConstraints(catalog: Catalog): Promise<Constraints> {
  const read =
    await catalog.session.query<Omit<Constraint, "usesOwnFunction" | "isSeparate">>(
      listConstraints,
    );
  const rows = read.map((row) => ({
    ...row,
    usesOwnFunction: usesOwnFunction(catalog, address("class", row.index)),
    isSeparate: catalog.isForCopy && row.index !== 0,
  }));
  return {
    of: groupBy(rows, (row) => row.relation),
    byOid: new Map(rows.map((row) => [row.oid, row])),
    childrenOf: groupBy(rows, (row) => row.parent),
  };
}

const typeOrder = { p: 0, u: 1, x: 2, c: 3, f: 4 } as const;

/** PRIMARY KEY, UNIQUE, EXCLUDE, CHECK; each by name, or in the order of the parent's. */
export function inOrder(constraints: readonly Constraint[]): Constraint[] {
  const key = (constraint: Constraint): string =>
    `${constraint.parentName ?? constraint.name}\0${constraint.name}`;
  return constraints.toSorted(
    (a, b) => typeOrder[a.type] - typeOrder[b.type] || (key(a) < key(b) ? -1 : 1),
  );
}

/**
 * True when a constraint is part of CREATE TABLE.
 *
 * Not so: foreign keys; NOT VALID ones, which CREATE TABLE would make valid; those that come from
 * a parent by INHERITS; and on partitions what ATTACH must not find. ATTACH takes the first index
 * that fits the parent's, so only those that are attached in fact may exist by then.
 */
export function isInline(
  constraint: Constraint,
  relation: Relation,
  constraints: Constraints,
  relations: Relations,
): boolean {
  if (constraint.type === "f") return false;
  if (constraint.type === "c") {
    const isMade = constraint.isLocal || relation.isPartition;
    return isMade && (constraint.isValid || !constraint.isEnforced);
  }
  if (constraint.isIndexValid !== true || constraint.usesOwnFunction) return false;
  if (constraint.isSeparate) return false;
  if (!relation.isPartition) return true;
  const parent = constraints.byOid.get(constraint.parent);
  const parentRelation = relations.get(parent?.relation ?? 0);
  return parent && parentRelation
    ? isInline(parent, parentRelation, constraints, relations)
    : false;
}

export function constraintText(constraint: Constraint): string {
  return `CONSTRAINT ${ident(constraint.name)} ${asReread(constraint.definition)}`;
}

export function constraintComment(
  catalog: Catalog,
  constraint: Constraint,
  relation: Relation,
): string[] {
  const name = `CONSTRAINT ${ident(constraint.name)} ON ${relation.id}`;
  return commentOn(catalog, address("constraint", constraint.oid), name);
}

/** A CHECK that may have to stand apart because a function it calls takes the table's rows. */
export function checkPiece(
  constraint: Constraint,
  relation: Relation,
  comment: readonly string[],
): Piece {
  const own = address("constraint", constraint.oid);
  return {
    addresses: [own],
    apart: partOf(relation, {
      label: `constraint ${ident(constraint.name)} on ${relation.id}`,
      addresses: [own],
      rank: "constraint",
      name: constraint.name,
      requires: [address("class", relation.oid)],
      statements: [`ALTER TABLE ${relation.id} ADD ${constraintText(constraint)}`, ...comment],
    }),
  };
}

/**
 * Foreign keys, and index constraints that are not part of CREATE TABLE. Checks that are not are
 * NOT VALID, see not-valid.ts.
 */
export function separateConstraints(
  catalog: Catalog,
  relation: Relation,
  found: { constraints: Constraints; indexes: Indexes; relations: Relations },
): SchemaObject[] {
  return (found.constraints.of.get(relation.oid) ?? []).flatMap((constraint) => {
    if (isInline(constraint, relation, found.constraints, found.relations)) return [];
    if (constraint.type === "f")
      return foreignKey(catalog, constraint, relation, found.constraints);
    if (constraint.type === "c") return [];
    const index = found.indexes.byOid.get(constraint.index);
    return index ? [indexConstraint(catalog, constraint, relation, index, found.indexes)] : [];
  });
}

function indexConstraint(
  catalog: Catalog,
  constraint: Constraint,
  relation: Relation,
  index: Index,
  indexes: Indexes,
): SchemaObject {
  const own = address("constraint", constraint.oid);
  const parent = indexes.byOid.get(index.parent ?? 0);
  return partOf(relation, {
    label: `constraint ${ident(constraint.name)} on ${relation.id}`,
    addresses: [own, address("class", index.oid)],
    rank: "treeConstraint",
    name: constraint.name,
    ...(constraint.usesOwnFunction && { stage: stages.postponed }),
    requires: [relation.oid, ...relation.descendants].map((oid) => address("class", oid)),
    statements: [
      `ALTER TABLE ONLY ${relation.id} ADD ${constraintText(constraint)}`,
      ...(parent ? [`ALTER INDEX ${parent.id} ATTACH PARTITION ${index.id}`] : []),
      ...indexAttributes(catalog, index, relation),
      ...constraintComment(catalog, constraint, relation),
    ],
  });
}

/**
 * A foreign key. Added to a partitioned table it makes one on each partition, named alike; one
 * that has another name is made first, and the parent's then takes it over.
 */
function foreignKey(
  catalog: Catalog,
  constraint: Constraint,
  relation: Relation,
  constraints: Constraints,
): SchemaObject[] {
  const own = address("constraint", constraint.oid);
  const parent = constraints.byOid.get(constraint.parent);
  const comment = constraintComment(catalog, constraint, relation);
  const base = {
    rank: "constraint",
    name: constraint.name,
    key: [relation.id, constraint.name],
    stage: stages.foreignKeys,
  } as const;
  if (parent && parent.name === constraint.name) {
    if (comment.length === 0) return [];
    return [
      partOf(relation, {
        ...base,
        label: `comment on foreign key ${ident(constraint.name)} of ${relation.id}`,
        addresses: [],
        requires: [address("constraint", parent.oid)],
        statements: comment,
      }),
    ];
  }
  // ONLY is an error for a foreign key on a partitioned table.
  const only = relation.kind === "p" ? "" : "ONLY ";
  return [
    partOf(relation, {
      ...base,
      label: `foreign key ${ident(constraint.name)} of ${relation.id}`,
      addresses: [own],
      ...(parent && { ignores: [address("constraint", parent.oid)] }),
      requires: adoptedForeignKeys(constraint, constraints),
      statements: [
        `ALTER TABLE ${only}${relation.id} ADD ${constraintText(constraint)}`,
        ...comment,
      ],
    }),
  ];
}

function adoptedForeignKeys(constraint: Constraint, constraints: Constraints): Address[] {
  return (constraints.childrenOf.get(constraint.oid) ?? [])
    .filter((other) => other.name !== constraint.name)
    .map((other) => address("constraint", other.oid));
}
