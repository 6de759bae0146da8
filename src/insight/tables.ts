/** What the catalog knows of the tables that plans read. Nothing is read from the tables. */
import { qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { nodesOf, type PlanNode } from "./plan-tree.ts";
import readFacts from "./tables.sql";

export interface TableIndex {
  readonly name: string;
  readonly method: string;
  readonly isValid: boolean;
  readonly isUnique: boolean;
  readonly predicate: string | null;
  /** Names of columns, or expressions. */
  readonly keys: readonly string[];
}

export interface TablePolicy {
  readonly name: string;
  /** As in pg_policy.polcmd: "r", "a", "w", "d" or "*". */
  readonly command: string;
  readonly using: string;
}

/** A table as a plan names it; the figures are those of the whole, where it is a partition. */
export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly rootSchema: string;
  readonly rootName: string;
  readonly isLeaf: boolean;
  /** 1 where it is not partitioned. */
  readonly leaves: number;
  /** Estimated; 0 is also unknown. */
  readonly rows: number;
  readonly bytes: number;
  readonly pages: number;
  readonly changedSinceAnalyze: number;
  readonly analyzedAt: string | null;
  readonly neverAnalyzed: boolean;
  readonly liveRows: number;
  /** Inserts, deletes and updates that touch indexes, since the counters began. */
  readonly writes: number;
  readonly partitionKey: string | null;
  readonly partitionColumns: readonly (string | null)[] | null;
  readonly policies: readonly TablePolicy[];
  readonly hasRowSecurity: boolean;
  readonly indexes: readonly TableIndex[];
  /** Of the planner's statistics; absent where there are none or they may not be seen. */
  readonly columns: Readonly<
    Record<string, { readonly width: number; readonly distinct: number; readonly nulls: number }>
  >;
  /** "uuid", "character varying". */
  readonly types: Readonly<Record<string, string>>;
}

/** By `schema.name`, quoted where needed. */
export type Tables = ReadonlyMap<string, TableFacts>;

/** The tables of these plans. */
export async function readTables(
  session: Session,
  plans: readonly (PlanNode | null)[],
): Promise<Tables> {
  const names = new Map<string, readonly [string, string]>();
  for (const plan of plans) {
    for (const { table } of plan === null ? [] : nodesOf(plan)) {
      if (table) names.set(qualified(table.schema, table.name), [table.schema, table.name]);
    }
  }
  if (names.size === 0) return new Map();
  const rows = await session.query<TableFacts>(readFacts, [JSON.stringify([...names.values()])]);
  return new Map(rows.map((row) => [qualified(row.schema, row.name), row]));
}

/** What a node of a plan reads. */
export function tableOf(node: PlanNode, tables: Tables): TableFacts | undefined {
  return node.table === null
    ? undefined
    : tables.get(qualified(node.table.schema, node.table.name));
}

/** The name to show, which is that of the whole for a partition. */
export function wholeName({ rootSchema, rootName }: TableFacts): string {
  return qualified(rootSchema, rootName);
}
