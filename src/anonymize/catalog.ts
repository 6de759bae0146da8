/** The schema whose rows are masked, as the database itself describes it. */
import type { Session } from "../db/session.ts";
import { findLedger, type Ledger } from "./ledger.ts";
import selectTables from "./tables.sql";
import selectTypes from "./types.sql";

export interface Column {
  readonly name: string;
  /** pg_type.oid. */
  readonly type: string;
  readonly modifier: number;
  /** As format_type prints it, with its length: `character varying(20)`. */
  readonly typeName: string;
  /** As SQL, where it is non-deterministic: texts of other bytes may be equal. */
  readonly blindCollation: string | null;
  readonly isNotNull: boolean;
  readonly isInherited: boolean;
  /** The expression of a GENERATED column, which is never carried. */
  readonly generated: string | null;
  readonly isIdentity: boolean;
}

export interface UniqueKey {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly isValid: boolean;
  readonly predicate: string | null;
  readonly definition: string;
  /** Each key as SQL: a column's name or an expression. */
  readonly keys: readonly string[];
  /** The column of each key; null for an expression. */
  readonly columns: readonly (string | null)[];
  /** Every column that the keys are made of. */
  readonly uses: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  readonly target: number;
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
}

export interface Check {
  readonly name: string;
  readonly columns: readonly string[];
  readonly expression: string;
}

export interface Exclusion {
  readonly name: string;
  /** Null for an expression. */
  readonly columns: readonly (string | null)[];
  readonly operators: readonly string[];
  readonly definition: string;
}

export interface Table {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  /** What it is a partition of, or inherits from. */
  readonly parent: number | null;
  readonly isPartition: boolean;
  /** pg_class.reltuples; -1 where the table was never analyzed. */
  readonly rows: number;
  readonly partitionKey: readonly string[];
  readonly uniques: readonly UniqueKey[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  readonly exclusions: readonly Exclusion[];
  readonly columns: readonly Column[];
}

export interface Type {
  readonly oid: string;
  readonly name: string;
  readonly typeName: string;
  /** pg_type.typtype: b base, d domain, e enum, r range, m multirange, c composite. */
  readonly kind: "b" | "d" | "e" | "r" | "m" | "c";
  readonly element: string | null;
  readonly base: string | null;
  readonly modifier: number;
  readonly isNotNull: boolean;
  readonly isBuiltIn: boolean;
  readonly labels: readonly string[] | null;
  /** Of a domain, as expressions over VALUE. */
  readonly checks: readonly string[] | null;
}

export interface Catalog {
  readonly tables: readonly Table[];
  readonly byOid: ReadonlyMap<number, Table>;
  readonly types: ReadonlyMap<string, Type>;
  /** The database's encoding is UTF-8. */
  readonly isUnicode: boolean;
}

/** Reads every table but the ledger and its log, where these are pgwright's. */
export async function readCatalog(session: Session, ledger: Ledger): Promise<Catalog> {
  const own = await findLedger(session, ledger);
  const all = await session.query<Table>(selectTables);
  const types = await session.query<Type>(selectTypes);
  const { isUnicode } = await session.one<{ isUnicode: boolean }>(
    `select getdatabaseencoding() = 'UTF8' as "isUnicode"`,
  );
  const ours = own ? [own.table, `${own.table}_log`] : [];
  const tables = all.filter(({ schema, name }) => schema !== own?.schema || !ours.includes(name));
  return {
    tables,
    byOid: new Map(tables.map((table) => [table.oid, table])),
    types: new Map(types.map((type) => [type.oid, type])),
    isUnicode,
  };
}

/** `schema.name`, as the rules and messages name a table. */
export function nameOf(table: { readonly schema: string; readonly name: string }): string {
  return `${table.schema}.${table.name}`;
}

/** The table at the top of a partition tree or of a chain of inheritance; itself for most. */
export function rootOf(catalog: Catalog, table: Table): Table {
  let root = table;
  for (let depth = 0; root.parent !== null && depth < 100; depth += 1) {
    const parent = catalog.byOid.get(root.parent);
    if (!parent) break;
    root = parent;
  }
  return root;
}

/** The table nearest to the root that has the column: where its rule stands. */
export function homeOf(catalog: Catalog, table: Table, column: string): Table {
  let home = table;
  for (let next: Table | undefined = table; next;) {
    if (next.columns.some(({ name }) => name === column)) home = next;
    next = next.parent === null ? undefined : catalog.byOid.get(next.parent);
  }
  return home;
}
