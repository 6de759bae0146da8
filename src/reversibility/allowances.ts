/** What tables allow and refuse, as far as rows that are written after a migration may differ by it. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import selectAllowances from "./allowances.sql";

export interface AllowedColumn {
  readonly number: number;
  readonly name: string;
  /** pg_type.typname: `int4`. */
  readonly type: string;
  /** pg_type.typcategory: N numbers, S texts, B booleans, D dates and times. */
  readonly category: string;
  readonly modifier: number;
  readonly typeName: string;
  /** GENERATED ALWAYS AS IDENTITY: UPDATE takes no value for it. */
  readonly isAlways: boolean;
  readonly isGenerated: boolean;
}

/** Columns are numbers. */
export interface UniqueIndex {
  readonly name: string;
  readonly predicate: string | null;
  readonly expressions: string | null;
  readonly columns: readonly number[];
}

export interface RowCheck {
  readonly oid: string;
  readonly name: string;
  readonly expression: string;
}

export interface Reference {
  readonly name: string;
  readonly columns: readonly number[];
  readonly target: string;
  readonly targetColumns: readonly number[];
  /** `schema.name` as SQL. */
  readonly targetName: string;
  readonly targetNames: readonly string[];
}

/** Also keys WITHOUT OVERLAPS. */
export interface Exclusion {
  readonly name: string;
  /** As pg_get_constraintdef prints it. */
  readonly definition: string;
  /** 0 for an expression. */
  readonly columns: readonly number[];
  readonly predicate: string | null;
  readonly operators: readonly string[];
}

export interface Partition {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `schema.name` as SQL. */
  readonly parent: string;
  /** How the parent is divided, as pg_get_partkeydef prints it: `RANGE (created_at)`. */
  readonly key: string;
  /** `FOR VALUES …` or `DEFAULT`. */
  readonly bound: string;
}

export interface Allowances {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly AllowedColumn[];
  readonly uniques: readonly UniqueIndex[];
  readonly checks: readonly RowCheck[];
  readonly foreignKeys: readonly Reference[];
  readonly exclusions: readonly Exclusion[];
  /** On every level below the table. */
  readonly partitions: readonly Partition[];
}

/** Of every table with rows of its own but the ledger. */
export async function readAllowances(
  session: Session,
  ledger: LedgerPlace,
): Promise<readonly Allowances[]> {
  return await session.query<Allowances>(selectAllowances, [ledger.schema, ledger.table]);
}

/** A table that was there before the migration, with what it was then. */
export interface TablePair {
  /** `schema.name` as SQL, now. */
  readonly sql: string;
  readonly had: Allowances;
  readonly has: Allowances;
  readonly columns: readonly ColumnPair[];
}

export interface ColumnPair {
  /** The name as SQL, now. */
  readonly sql: string;
  readonly had: AllowedColumn;
  readonly has: AllowedColumn;
}

/** Tables are the same by oid and columns by number, whatever they are called; made anew, by name. */
export function pairTables(
  before: readonly Allowances[],
  now: readonly Allowances[],
): readonly TablePair[] {
  return now.flatMap((has): TablePair[] => {
    const had =
      before.find(({ oid }) => oid === has.oid) ??
      before.find(({ schema, name }) => schema === has.schema && name === has.name);
    if (!had) return [];
    const isSame = had.oid === has.oid;
    const columns = has.columns.flatMap((column): ColumnPair[] => {
      const old = had.columns.find(({ number, name }) =>
        isSame ? number === column.number : name === column.name,
      );
      return old ? [{ sql: ident(column.name), had: old, has: column }] : [];
    });
    return [{ sql: qualified(has.schema, has.name), had, has, columns }];
  });
}
