/** One thing of a schema on its way into the dump. */

/** `<oid of the system catalog>/<oid of the object>`, as pg_depend names things. */
export type Address = string;

/** System catalogs by their oids, which are the same in every PostgreSQL. */
export const catalogs = {
  familyOperator: 2602,
  familyFunction: 2603,
  attributeDefault: 2604,
  cast: 2605,
  class: 1259,
  collation: 3456,
  constraint: 2606,
  conversion: 2607,
  defaultAcl: 826,
  eventTrigger: 3466,
  extension: 3079,
  foreignDataWrapper: 2328,
  foreignServer: 1417,
  language: 2612,
  largeObject: 2613,
  namespace: 2615,
  operator: 2617,
  operatorClass: 2616,
  operatorFamily: 2753,
  policy: 3256,
  procedure: 1255,
  publication: 6104,
  publicationRelation: 6106,
  publicationNamespace: 6237,
  rewrite: 2618,
  statistics: 3381,
  subscription: 6100,
  textSearchConfiguration: 3602,
  textSearchDictionary: 3600,
  trigger: 2620,
  type: 1247,
  userMapping: 1418,
} as const;

export type CatalogName = keyof typeof catalogs;

export function address(catalog: CatalogName, oid: number): Address {
  return `${catalogs[catalog]}/${oid}`;
}

/**
 * The parts of the dump, in order. Within a stage things stand by schema, kind and name, as far
 * as their dependencies allow.
 */
export const stages = {
  schemas: 0,
  extensions: 1,
  /** Types, functions, operators: what tables may use. */
  definitions: 2,
  tables: 3,
  /** Views, and the functions and types that mention a table. */
  views: 4,
  /** Indexes, triggers, policies that could not stand beside their table. */
  postponed: 5,
  foreignKeys: 6,
  /** What belongs to no schema and must not act while the rest is created. */
  database: 7,
  eventTriggers: 8,
} as const;

export type Stage = (typeof stages)[keyof typeof stages];

/** Order within a section: compared element by element, numbers before strings. */
export type Key = readonly (string | number)[];

/** Something that may be left out of its object's CREATE and added later, to break a cycle. */
export interface Piece {
  readonly addresses: readonly Address[];
  /** The object that adds it when it stands apart. */
  readonly apart: SchemaObject;
}

export interface SchemaObject {
  /** For messages: `table public.users`. */
  readonly label: string;
  /** Whose dependencies in pg_depend are this object's. The first one is the object itself. */
  readonly addresses: readonly Address[];
  /** What comes with it and whose dependencies do not matter: a check inherited from a parent. */
  readonly covers?: readonly Address[];
  readonly stage: Stage;
  /** Schema, or "" for what lives in none. */
  readonly section: string;
  readonly key: Key;
  /** Objects of one block stay together: a table, its indexes, triggers, policies, partitions. */
  readonly block: string;
  /** The relation it belongs to, `schema.name` quoted; absent for what belongs to none. */
  readonly relation?: string | undefined;
  /** True for what only completes another object of its block and can be moved to the end. */
  readonly isPart?: boolean;
  /** Must stand before it, beyond what pg_depend says. */
  readonly requires?: readonly Address[];
  /**
   * Which of its columns and constraints stands behind an address: `column a`, `constraint "B"`.
   * A column's address has its number behind it: `1259/16390/2`.
   */
  readonly elements?: ReadonlyMap<Address, string>;
  /** Of a view: its columns in their order, each with type and collation, as CREATE OR REPLACE compares them. */
  readonly columns?: readonly string[];
  /** Of a partition: constraints that it has only from this table, and that go with those of the same name. */
  readonly inherited?: { readonly from: Address; readonly parts: readonly string[] };
  /** Dependencies in pg_depend that need not be honoured. */
  readonly ignores?: readonly Address[];
  readonly pieces?: readonly Piece[];
  /** For a view in a cycle: stands for it until everything it needs is there. */
  readonly placeholder?: SchemaObject;
  /** The statements, without their semicolons. Pieces that stand `apart` are left out. */
  statements(apart: ReadonlySet<Address>): string[];
}
