/**
 * One table with everything that belongs to it or reads it, each with the statements that a dump
 * would write for it: for making those again on another table of the same name.
 */
import type { Session } from "../db/session.ts";
import type { Catalog } from "./catalog.ts";
import { readCatalog } from "./catalog.ts";
import type { Column } from "./columns.ts";
import { readColumns } from "./columns.ts";
import type { Constraint } from "./constraints.ts";
import { readConstraints } from "./constraints.ts";
import { grantStatements } from "./grants.ts";
import type { Index } from "./indexes.ts";
import { indexObjects, readIndexes } from "./indexes.ts";
import type { Address, SchemaObject } from "./object.ts";
import { address } from "./object.ts";
import { collectPolicies } from "./policies.ts";
import type { Relation } from "./relations.ts";
import { groupBy, readRelations } from "./relations.ts";
import { collectRoutines } from "./routines.ts";
import type { Sequence } from "./sequences.ts";
import { readSequences } from "./sequences.ts";
import { collectStatistics } from "./statistics.ts";
import { identityStatements } from "./tables.ts";
import { collectTriggers } from "./triggers.ts";
import { viewObject } from "./views.ts";

export interface AroundTable {
  readonly relation: Relation;
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  /** Those it owns: of identity columns and, by OWNED BY, of `serial` ones. */
  readonly sequences: readonly Sequence[];
  /** Roles that the owner gave something on the table or a column; null is PUBLIC. */
  readonly grantees: readonly (string | null)[];
  /** Other roles that passed privileges on. */
  readonly grantors: readonly string[];
  /** GRANT and REVOKE that give a fresh table of this name its privileges. */
  readonly grants: readonly string[];
  readonly comment: string | undefined;
  /** Comments of constraints and of indexes, by name. */
  readonly constraintComments: ReadonlyMap<string, string>;
  readonly indexComments: ReadonlyMap<string, string>;
  /** Those that belong to no constraint. */
  readonly plainIndexes: readonly Remade[];
  readonly triggers: readonly Remade[];
  /** Of all tables. */
  readonly policies: readonly Remade[];
  readonly statistics: readonly Remade[];
  /** By oid of the sequence: what it has besides its options. */
  readonly sequenceStatements: ReadonlyMap<number, readonly string[]>;
  /** Those among the readers, as CREATE OR REPLACE: who may use them, and comments, stay. */
  readonly views: readonly Remade[];
  readonly routines: readonly Remade[];
}

/** An object of the catalog with the statements that make it. */
export interface Remade {
  readonly oid: number;
  readonly statements: readonly string[];
}

/** Who else reads the table. */
export interface Readers {
  readonly views: readonly number[];
  readonly routines: readonly number[];
}

/**
 * Reads the table with this oid. In a transaction of `readSteadily`, whose settings make names
 * come out in full.
 */
export async function readAroundTable(
  session: Session,
  oid: number,
  readers: Readers,
): Promise<AroundTable | undefined> {
  const catalog = await readCatalog(session);
  const relations = await readRelations(catalog);
  const relation = relations.get(oid);
  if (!relation) return undefined;
  const columns = await readColumns(catalog);
  const constraints = (await readConstraints(catalog)).of.get(oid) ?? [];
  const indexes = await readIndexes(catalog);
  const sequences = groupBy(await readSequences(catalog), (one) => one.relation ?? 0);
  const own = address("class", oid);
  const only = new Map([[oid, relation]]);
  const owned = sequences.get(oid) ?? [];
  return {
    relation,
    columns: columns.get(oid) ?? [],
    constraints,
    indexes: indexes.of.get(oid) ?? [],
    sequences: owned,
    ...privilegesOf(catalog, own, relation),
    comment: catalog.comments.get(`${own}/0`)?.comment,
    constraintComments: commentsOf(catalog, "constraint", constraints),
    indexComments: commentsOf(catalog, "class", indexes.of.get(oid) ?? []),
    plainIndexes: indexObjects(catalog, relation, { indexes, relations }).map(remade),
    triggers: (await collectTriggers(catalog, only)).map(remade),
    statistics: (await collectStatistics(catalog, only)).map(remade),
    sequenceStatements: new Map(
      owned.map((one) => [one.oid, identityStatements(catalog, relation, one)]),
    ),
    ...(await readReaders(catalog, relations, columns, readers)),
  };
}

function privilegesOf(catalog: Catalog, own: Address, relation: Relation) {
  const rows = catalog.grants.get(own) ?? [];
  const others = rows.flatMap(({ present }) => present.filter(({ isOwners }) => !isOwners));
  return {
    grantees: [...new Set(others.map(({ grantee }) => grantee))],
    grantors: [
      ...new Set(others.filter(({ isByOwner }) => !isByOwner).map(({ grantor }) => grantor)),
    ],
    grants: rows
      .toSorted((a, b) => a.sub - b.sub)
      .flatMap((row) => grantStatements(row, `TABLE ${relation.id}`).byOwner),
  };
}

function commentsOf(
  catalog: Catalog,
  kind: "constraint" | "class",
  objects: readonly { readonly oid: number; readonly name: string }[],
): Map<string, string> {
  return new Map(
    objects.flatMap(({ oid, name }) => {
      const row = catalog.comments.get(`${address(kind, oid)}/0`);
      return row ? [[name, row.comment] as const] : [];
    }),
  );
}

async function readReaders(
  catalog: Catalog,
  relations: ReadonlyMap<number, Relation>,
  columns: Awaited<ReturnType<typeof readColumns>>,
  readers: Readers,
): Promise<Pick<AroundTable, "views" | "routines" | "policies">> {
  const replacing = (object: SchemaObject): Remade => {
    const whole = remade(object);
    const [create = ""] = whole.statements;
    return { ...whole, statements: [create.replace(/^CREATE /, "CREATE OR REPLACE ")] };
  };
  return {
    views: readers.views.flatMap((view) => {
      const relation = relations.get(view);
      return relation ? [replacing(viewObject(catalog, relation, columns))] : [];
    }),
    routines: (await collectRoutines(catalog))
      .map(replacing)
      .filter((routine) => readers.routines.includes(routine.oid)),
    policies: (await collectPolicies(catalog, relations)).map(remade),
  };
}

function remade(object: SchemaObject): Remade {
  const [first = ""] = object.addresses;
  return { oid: Number(first.split("/")[1]), statements: object.statements(new Set()) };
}
