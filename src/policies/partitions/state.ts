/** What the catalog knows of the declared tables and their partitions. */
import { qualified } from "../../db/identifier.ts";
import { loadParser } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import type { Edge, KeyType } from "./axis.ts";
import { isKeyType, readEdges } from "./axis.ts";
import type { WrittenBound } from "./bound.ts";
import { parseBound } from "./bound.ts";
import type { DeclaredTable } from "./declared.ts";
import listLeaves from "./leaves.sql";
import describeParents from "./parents.sql";

/** A foreign key of another table that points at the partitioned table. */
export interface Reference {
  readonly name: string;
  /** The table that refers, as SQL. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
}

interface ParentRow {
  readonly ordinal: number;
  readonly oid: string;
  readonly kind: string;
  readonly owner: string;
  readonly hasRls: boolean;
  readonly strategy: string | null;
  readonly keyCount: number | null;
  readonly column: string | null;
  readonly columnType: string | null;
  readonly defaultOid: string | null;
  readonly tablespace: string | null;
  readonly accessMethod: string | null;
  readonly isPartition: boolean;
  /** Roles that the owner's default privileges would let in; "" is PUBLIC. */
  readonly grantees: readonly string[];
  /** Columns that take values, quoted. */
  readonly columns: readonly string[];
  readonly references: readonly Reference[];
}

interface LeafRow {
  readonly parent: string;
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly owner: string;
  readonly bound: string;
  readonly isDefault: boolean;
  readonly isDetaching: boolean;
  readonly hasRls: boolean;
  readonly isForced: boolean;
  readonly replicaIdentity: string;
  /** Of the planner; -1 where it was never analyzed. */
  readonly rowsEstimate: number;
  /** With indexes and TOAST. */
  readonly bytes: number;
  readonly heapBytes: number;
  readonly options: readonly string[];
  readonly comment: string | null;
  readonly grantees: readonly string[];
  readonly policies: readonly string[];
  readonly lackedIndexes: readonly string[];
  readonly triggerStates: readonly { name: string; enabled: string; here: string }[];
  /** CREATE TRIGGER of its triggers per statement, `{leaf}` where its name stood. */
  readonly statementTriggers: readonly string[];
  /** The CHECK of an earlier run that was cut off. */
  readonly hasGuard: boolean;
  /** Row level security would hide rows from this role. */
  readonly hidesRows: boolean;
  readonly isReadable: boolean;
}

export type LeafBound =
  | Exclude<WrittenBound, { kind: "range" }>
  | { readonly kind: "range"; readonly from: Edge; readonly to: Edge };

export interface LeafState extends LeafRow {
  /** As SQL: `social_service.social_posts_2024_01`. */
  readonly sql: string;
  readonly limits: LeafBound;
}

export interface TableState extends ParentRow {
  readonly declared: DeclaredTable;
  readonly sql: string;
  readonly keyType: KeyType | null;
  readonly leaves: readonly LeafState[];
}

/** Declared tables with their state; undefined where no such table exists. */
export async function readState(
  session: Session,
  tables: readonly DeclaredTable[],
): Promise<{ declared: DeclaredTable; state: TableState | undefined }[]> {
  await loadParser();
  const wanted = tables.map(({ schema, table }) => ({ schema, table }));
  const parents = await session.query<ParentRow>(describeParents, [JSON.stringify(wanted)]);
  const leaves = await session.query<LeafRow>(listLeaves, [
    JSON.stringify(parents.map(({ oid }) => oid)),
  ]);
  const states: { declared: DeclaredTable; state: TableState | undefined }[] = [];
  for (const [i, declared] of tables.entries()) {
    const parent = parents.find(({ ordinal }) => ordinal === i);
    const keyType = parent && isKeyType(parent.columnType) ? parent.columnType : null;
    states.push({
      declared,
      state: parent && {
        ...parent,
        declared,
        sql: qualified(declared.schema, declared.table),
        keyType,
        leaves: await readLimits(
          session,
          declared.by === "range" && parent.strategy === "r" ? keyType : null,
          leaves.filter((leaf) => leaf.parent === parent.oid),
        ),
      },
    });
  }
  return states;
}

const lowest: Edge = { ms: -Infinity, text: "MINVALUE" };
const highest: Edge = { ms: Infinity, text: "MAXVALUE" };

async function readLimits(
  session: Session,
  keyType: KeyType | null,
  rows: readonly LeafRow[],
): Promise<LeafState[]> {
  const parsed = rows.map((row) => ({ row, bound: parseBound(row.bound) }));
  const texts = parsed.flatMap(({ bound }) =>
    bound.kind === "range" ? [bound.from, bound.to].filter((text) => text !== null) : [],
  );
  const edges =
    keyType === null || texts.length === 0
      ? new Map<string, Edge>()
      : await readEdges(session, keyType, [...new Set(texts)]);
  return parsed.map(({ row, bound }) => ({
    ...row,
    sql: qualified(row.schema, row.name),
    limits:
      bound.kind === "range"
        ? {
            kind: "range",
            from: (bound.from === null ? undefined : edges.get(bound.from)) ?? lowest,
            to: (bound.to === null ? undefined : edges.get(bound.to)) ?? highest,
          }
        : bound,
  }));
}
