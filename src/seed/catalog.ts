/** The schema to fill, as the database itself describes it. */
import type { Session } from "../db/session.ts";
import selectTables from "./tables.sql";
import selectTypes from "./types.sql";

export interface Check {
  readonly name: string;
  /** As pg_get_expr prints it. */
  readonly expression: string;
}

export interface Type {
  readonly oid: string;
  readonly name: string;
  readonly isBuiltIn: boolean;
  /** pg_type.typtype: b base, d domain, e enum, r range, m multirange, c composite. */
  readonly kind: "b" | "d" | "e" | "r" | "m" | "c";
  readonly category: string;
  readonly element: string | null;
  readonly base: string | null;
  readonly modifier: number;
  readonly isNotNull: boolean;
  readonly typeName: string;
  readonly labels: readonly string[] | null;
  readonly checks: readonly Check[] | null;
  readonly members:
    | readonly { readonly name: string; readonly type: string; readonly modifier: number }[]
    | null;
  readonly subtype: string | null;
  readonly isMultirange: boolean;
}

export interface Column {
  readonly name: string;
  /** pg_type.oid. */
  readonly type: string;
  readonly modifier: number;
  readonly typeName: string;
  readonly isNotNull: boolean;
  /** GENERATED ALWAYS AS (…): never written. */
  readonly isGenerated: boolean;
  readonly isIdentity: boolean;
  readonly default: string | null;
  /** The sequence it owns, as regclass text. */
  readonly sequence: string | null;
}

export interface UniqueKey {
  readonly name: string;
  readonly isPrimary: boolean;
  /** WHERE of a partial index, as pg_get_expr prints it; only rows for which it is true compete. */
  readonly predicate: string | null;
  readonly isNullsEqual: boolean;
  /** What it computes of columns, as pg_get_expr prints it; null for plain columns. */
  readonly expressions: string | null;
  readonly columns: readonly string[];
}

export interface ForeignKey {
  readonly name: string;
  /** pg_class.oid of the table it references. */
  readonly target: string;
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
  /** MATCH FULL: all of its columns are null, or none. */
  readonly isFull: boolean;
}

export interface Exclusion {
  readonly name: string;
  /** As pg_get_constraintdef prints it. */
  readonly definition: string;
  readonly columns: readonly string[] | null;
  readonly operators: readonly string[];
}

export interface Table {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly isPartitioned: boolean;
  /** The table and its partitions that are divided further: by what, and `FOR VALUES …` of each part. */
  readonly partitions: readonly {
    readonly schema: string;
    readonly name: string;
    /** As pg_get_partkeydef prints it: `RANGE (created_at)`. */
    readonly key: string;
    readonly bounds: readonly string[] | null;
  }[];
  readonly uniques: readonly UniqueKey[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly checks: readonly Check[];
  readonly exclusions: readonly Exclusion[];
  readonly columns: readonly Column[];
  /** Bodies of the functions that its enabled INSERT triggers call. */
  readonly triggerSources: readonly string[];
}

export interface Catalog {
  readonly tables: readonly Table[];
  readonly types: ReadonlyMap<string, Type>;
}

/** Reads every table that can be filled; those of `left` (the ledger) are left out. */
export async function readCatalog(
  session: Session,
  left: readonly { readonly schema: string; readonly table: string }[],
): Promise<Catalog> {
  const tables = await session.query<Table>(selectTables);
  const types = await session.query<Type>(selectTypes);
  return {
    tables: tables.filter(
      ({ schema, name }) => !left.some((one) => one.schema === schema && one.table === name),
    ),
    types: new Map(types.map((type) => [type.oid, type])),
  };
}

/** `schema.name`, as seed files and messages name a table. */
export function nameOf(table: Table): string {
  return `${table.schema}.${table.name}`;
}
