/** An index that would help, and what it would cost, by rules; nothing is built to find out. */
import { ident } from "../db/identifier.ts";
import { freeName } from "../indexes/statement.ts";
import { largeTable } from "./rule.ts";
import { type TableFacts, wholeName } from "./tables.ts";

export interface Candidate {
  /** `schema.table`, of the whole table where it is partitioned. */
  readonly table: string;
  readonly isPartitioned: boolean;
  readonly method: "btree" | "gin";
  /** As SQL: names, `lower(name)`, `created_at DESC`, `name gin_trgm_ops`. */
  readonly keys: readonly string[];
  /** Extensions that its operators need: pg_trgm. */
  readonly extensions: readonly string[];
  /** How many times fewer pages and rows are read, by PostgreSQL's own cost units. */
  readonly gain: number;
  /** Estimated bytes. */
  readonly bytes: number;
  /** Writes to the table since its counters began, each of which has to maintain it. */
  readonly writes: number;
  /** As PostgreSQL would name it, and free. */
  readonly name: string;
  /** The statement. PostgreSQL itself refuses CONCURRENTLY on a partitioned table, a migration does not. */
  readonly sql: string;
}

// seq_page_cost, random_page_cost and cpu_tuple_cost + cpu_operator_cost as PostgreSQL ships them.
const sequentialPage = 1;
const randomPage = 4;
const tuple = 0.0125;
// Rows are gathered from as many pages at most; descending the tree reads about three.
const descent = 3;
const worthIt = 5;

export interface Wanted {
  readonly method: "btree" | "gin";
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  /** Rows that the index would find in the whole table, estimated. */
  readonly rows: number;
}

/** Undefined where it is there already, the table is small, or it would not be worth it. */
export function considerIndex(table: TableFacts, wanted: Wanted): Candidate | undefined {
  if (table.rows < largeTable || wanted.keys.length === 0) return undefined;
  if (isThere(table, wanted)) return undefined;
  const scan = table.pages * sequentialPage + table.rows * tuple;
  const find = (descent + Math.min(wanted.rows, table.pages)) * randomPage + wanted.rows * tuple;
  const gain = scan / find;
  if (gain < worthIt) return undefined;
  const name = wholeName(table);
  const using = wanted.method === "btree" ? "" : ` USING ${wanted.method}`;
  const isPartitioned = table.partitionKey !== null;
  const taken = new Set(table.indexes.map((index) => index.name));
  const index = freeName(table.rootName, wanted.columns.map(plainName), taken);
  return {
    table: name,
    isPartitioned,
    method: wanted.method,
    keys: wanted.keys,
    extensions: wanted.method === "gin" ? ["pg_trgm"] : [],
    gain,
    bytes: estimateBytes(table, wanted),
    writes: table.writes,
    name: index,
    sql: `CREATE INDEX CONCURRENTLY ${ident(index)} ON ${name}${using} (${wanted.keys.join(", ")});`,
  };
}

/** `lower(name)` as lower_name. */
function plainName(key: string): string {
  return key.replaceAll(/\W+/g, "_").replaceAll(/^_|_$/g, "");
}

/** An index that begins with the same columns, in any order, would have been used if it helped. */
function isThere({ indexes }: TableFacts, { columns, method }: Wanted): boolean {
  return indexes.some((index) => {
    const first = index.keys.slice(0, columns.length);
    const isSame = index.method === method && columns.every((column) => first.includes(column));
    return isSame && index.isValid && index.predicate === null;
  });
}

/** Per row the columns, a header of 8 bytes and a pointer of 4, on pages that are nine tenths full. */
function estimateBytes({ rows, columns }: TableFacts, wanted: Wanted): number {
  const width = wanted.columns.reduce((sum, name) => sum + (columns[name]?.width ?? 8), 0);
  // Each letter begins a trigram, which is stored once with a compressed list of rows.
  if (wanted.method === "gin") return Math.round(rows * width * 1.5);
  return Math.round((rows * (Math.ceil(width / 8) * 8 + 12)) / 0.9);
}

/** The keys of equality first, then of a range, each once. */
export function keysOf(equal: readonly string[], range: readonly string[]): string[] {
  const first = [...new Set(equal)];
  const then = range.find((column) => !first.includes(column));
  return [...first, ...(then === undefined ? [] : [then])].map(ident);
}
