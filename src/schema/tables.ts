import { ident, qualified } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, commentOn, ownerOf } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import type { Column, Columns, ColumnSetting } from "./columns.ts";
import { columnChanges } from "./columns.ts";
import type { Constraint, Constraints } from "./constraints.ts";
import { checkPiece, constraintComment, inOrder, isInline } from "./constraints.ts";
import type { Indexes } from "./indexes.ts";
import { indexAttributes } from "./indexes.ts";
import { address } from "./object.ts";
import type { Address, Piece, SchemaObject } from "./object.ts";
import { partOf, parts } from "./relations.ts";
import type { Relation, Relations } from "./relations.ts";
import { ownedBy } from "./sequences.ts";
import type { Sequence } from "./sequences.ts";
import { attachment, createTable } from "./table-text.ts";

/** Everything that CREATE TABLE statements are built from. */
export interface TableParts {
  readonly relations: Relations;
  readonly columns: Columns;
  readonly constraints: Constraints;
  readonly indexes: Indexes;
  /** By owning table. */
  readonly sequences: ReadonlyMap<number, readonly Sequence[]>;
}

/**
 * One table, partitioned table, partition or foreign table, with what is part of CREATE TABLE and
 * the one-line statements that follow it.
 *
 * A partition is created on its own and then attached. PARTITION OF would give its indexes and
 * constraints names of PostgreSQL's choice, and its columns the order of the parent's.
 */
export function tableObject(catalog: Catalog, relation: Relation, found: TableParts): SchemaObject {
  const own = address("class", relation.oid);
  const settings = columnSettings(relation, found);
  const sequences = found.sequences.get(relation.oid) ?? [];
  const inline = inOrder(
    (found.constraints.of.get(relation.oid) ?? []).filter((constraint) =>
      isInline(constraint, relation, found.constraints, found.relations),
    ),
  );
  const comments = new Map(
    inline.map((constraint) => [constraint, constraintComment(catalog, constraint, relation)]),
  );
  const checks = inline.filter((constraint) => constraint.type === "c");
  const pieces: Piece[] = [
    ...checks.map((check) => checkPiece(check, relation, comments.get(check) ?? [])),
    ...settings.flatMap((setting) => defaultPiece(relation, setting)),
  ];
  const following = [
    ...attachment(relation, found.relations),
    ...ownerOf(catalog, `TABLE ${relation.id}`, relation.owner),
    ...sequences
      .filter((sequence) => sequence.isIdentity !== true)
      .map((sequence) => ownedBy(sequence, relation.id, columnName(settings, sequence))),
    ...sequences.flatMap((sequence) => identityStatements(catalog, relation, sequence)),
  ];
  const attributes = [
    ...inline.flatMap((constraint) => {
      const index = found.indexes.byOid.get(constraint.index);
      return index ? indexAttributes(catalog, index, relation) : [];
    }),
    ...relationSettings(relation, found.indexes),
    ...attributesOf(catalog, {
      address: own,
      name: `${relation.kind === "f" ? "FOREIGN TABLE" : "TABLE"} ${relation.id}`,
      alter: `TABLE ${relation.id}`,
      grant: `TABLE ${relation.id}`,
    }),
    ...columnComments(catalog, relation, settings),
    ...inheritedChecks(relation, inline, found.constraints)
      .filter((constraint) => constraint.isValid)
      .flatMap((constraint) => constraintComment(catalog, constraint, relation)),
  ];
  return {
    label: `table ${relation.id}`,
    addresses: [
      own,
      address("type", relation.rowType),
      ...settings.flatMap(({ column }) => columnAddresses(column)),
      ...inline.map((constraint) => address("constraint", constraint.oid)),
      ...inline
        .filter((constraint) => constraint.type !== "c")
        .map((constraint) => address("class", constraint.index)),
      ...sequences
        .filter((sequence) => sequence.isIdentity === true)
        .map((sequence) => address("class", sequence.oid)),
    ],
    covers: [
      ...inheritedChecks(relation, inline, found.constraints).map((constraint) => constraint.oid),
      ...settings
        .filter(({ column }) => column.isNotNullValid === false && column.isNotNullLocal === false)
        .map(({ column }) => column.notNull ?? 0),
    ].map((oid) => address("constraint", oid)),
    stage: relation.stage,
    section: relation.section,
    key: [...relation.key, parts.relation],
    block: relation.block,
    relation: relation.id,
    elements: elementsOf(own, settings, inline),
    ...(relation.isPartition && {
      inherited: {
        from: address("class", relation.parents?.[0] ?? 0),
        parts: checks
          .filter(({ isLocal }) => !isLocal)
          .map(({ name }) => `constraint ${ident(name)}`),
      },
    }),
    pieces,
    requires: sequences.map((sequence) => address("class", sequence.oid)),
    statements(apart) {
      const isApart = (constraint: Constraint): boolean =>
        apart.has(address("constraint", constraint.oid));
      const settled = settings.map((setting) => ({
        ...setting,
        isDefaultApart: apart.has(address("attributeDefault", setting.column.defaultOid ?? 0)),
      }));
      const constraints = inline.filter((constraint) => !isApart(constraint));
      return [
        createTable(relation, settled, constraints, found.relations),
        ...following,
        ...settled.flatMap((setting) => columnChanges(setting)),
        ...attributes,
        ...constraints.flatMap((constraint) => comments.get(constraint) ?? []),
      ];
    },
  };
}

function columnSettings(relation: Relation, found: TableParts): ColumnSetting[] {
  const identities = (found.sequences.get(relation.oid) ?? []).filter(
    (sequence) => sequence.isIdentity === true,
  );
  const parents = (relation.parents ?? []).flatMap((oid) => found.columns.get(oid) ?? []);
  return (found.columns.get(relation.oid) ?? []).map((column) => {
    const inherited = column.isInherited
      ? parents.filter((parent) => parent.name === column.name)
      : [];
    return {
      relation,
      column,
      inherited: relation.isPartition ? [] : inherited,
      parentalNames: inherited.map((parent) => parent.notNullName),
      identity: identities.find((sequence) => sequence.column === column.number),
      isDefaultApart: false,
    };
  });
}

/** A default that may have to be set later, because its function takes the table's rows. */
function defaultPiece(relation: Relation, { column }: ColumnSetting): Piece[] {
  if (column.defaultOid === null || column.generated !== "" || column.default === null) return [];
  const own = address("attributeDefault", column.defaultOid);
  const name = ident(column.name);
  return [
    {
      addresses: [own],
      apart: partOf(relation, {
        label: `default of ${relation.id}.${name}`,
        addresses: [own],
        rank: "default",
        name: column.name,
        requires: [address("class", relation.oid)],
        statements: [
          `ALTER TABLE ONLY ${relation.id} ALTER COLUMN ${name} SET DEFAULT ${asReread(column.default)}`,
        ],
      }),
    },
  ];
}

function columnAddresses(column: Column): Address[] {
  return [
    ...(column.defaultOid === null ? [] : [address("attributeDefault", column.defaultOid)]),
    ...(column.notNull === null || column.isNotNullValid === false
      ? []
      : [address("constraint", column.notNull)]),
  ];
}

/** Columns, with what is only about one of them, and the constraints of CREATE TABLE. */
function elementsOf(
  own: Address,
  settings: readonly ColumnSetting[],
  inline: readonly Constraint[],
): ReadonlyMap<Address, string> {
  const columns = settings.flatMap(({ column, identity }) => {
    const addresses = [
      `${own}/${column.number}`,
      ...columnAddresses(column),
      ...(identity ? [address("class", identity.oid)] : []),
    ];
    return addresses.map((one) => [one, `column ${ident(column.name)}`] as const);
  });
  const constraints = inline.flatMap(({ oid, index, name, type }) => {
    const addresses = [
      address("constraint", oid),
      ...(type === "c" ? [] : [address("class", index)]),
    ];
    return addresses.map((one) => [one, `constraint ${ident(name)}`] as const);
  });
  return new Map([...columns, ...constraints]);
}

function columnName(settings: readonly ColumnSetting[], sequence: Sequence): string {
  return settings.find(({ column }) => column.number === sequence.column)?.column.name ?? "";
}

/** What the sequence of an identity column has of its own. */
export function identityStatements(
  catalog: Catalog,
  relation: Relation,
  sequence: Sequence,
): string[] {
  if (sequence.isIdentity !== true) return [];
  const name = `SEQUENCE ${qualified(sequence.schema, sequence.name)}`;
  return [
    ...(sequence.isUnlogged === relation.isUnlogged
      ? []
      : [`ALTER ${name} SET ${sequence.isUnlogged ? "UNLOGGED" : "LOGGED"}`]),
    ...attributesOf(catalog, { address: address("class", sequence.oid), name, grant: name }),
  ];
}

function relationSettings(relation: Relation, indexes: Indexes): string[] {
  const alter = `ALTER TABLE ONLY ${relation.id}`;
  const hasIdentity = relation.kind !== "f";
  const hasIndex = indexes.of.get(relation.oid)?.some((index) => index.isReplicaIdentity) ?? false;
  // i(ndex) without an index that says so: it was dropped, which acts as NOTHING does.
  const identities: Record<string, string> = { f: "FULL", n: "NOTHING", i: "NOTHING" };
  const identity = hasIdentity && !hasIndex ? identities[relation.replicaIdentity] : undefined;
  return [
    ...(identity === undefined ? [] : [`${alter} REPLICA IDENTITY ${identity}`]),
    ...(relation.hasRowSecurity ? [`ALTER TABLE ${relation.id} ENABLE ROW LEVEL SECURITY`] : []),
    ...(relation.forcesRowSecurity ? [`ALTER TABLE ${relation.id} FORCE ROW LEVEL SECURITY`] : []),
  ];
}

function columnComments(
  catalog: Catalog,
  relation: Relation,
  settings: readonly ColumnSetting[],
): string[] {
  return settings.flatMap(({ column }) => [
    ...commentOn(
      catalog,
      address("class", relation.oid),
      `COLUMN ${relation.id}.${ident(column.name)}`,
      column.number,
    ),
    ...(column.notNull === null || column.isNotNullValid === false
      ? []
      : commentOn(
          catalog,
          address("constraint", column.notNull),
          `CONSTRAINT ${ident(column.notNullName ?? "")} ON ${relation.id}`,
        )),
  ]);
}

/** Checks that are taken over from the tables it inherits from, now or when they get theirs. */
function inheritedChecks(
  relation: Relation,
  inline: readonly Constraint[],
  constraints: Constraints,
): Constraint[] {
  return (constraints.of.get(relation.oid) ?? []).filter(
    (constraint) => constraint.type === "c" && !constraint.isLocal && !inline.includes(constraint),
  );
}
