/** Statements on indexes, for hints. */
import { createHash } from "node:crypto";
import { ident, qualified } from "../db/identifier.ts";
import type { IndexFacts } from "./catalog.ts";

export function indexName({ schema, name }: Pick<IndexFacts, "schema" | "name">): string {
  return qualified(schema, name);
}

export function tableName({ schema, tableName }: Pick<IndexFacts, "schema" | "tableName">): string {
  return qualified(schema, tableName);
}

/**
 * How to drop it, as words with the statement between backticks. PostgreSQL has no CONCURRENTLY for
 * a partitioned index; its parts go with it, under a brief exclusive lock on all of its tables.
 */
export function dropHint(index: IndexFacts): string {
  return index.isPartitioned
    ? `\`SET lock_timeout = '1s';\` \`DROP INDEX ${indexName(index)};\` (partitioned: it has no CONCURRENTLY, and briefly locks ${tableName(index)} with its partitions)`
    : `\`DROP INDEX CONCURRENTLY ${indexName(index)};\``;
}

/** The statement that brings a dropped index back, between backticks. */
export function undoHint(index: IndexFacts): string {
  const unique = index.isUnique ? "UNIQUE " : "";
  const create = `\`CREATE ${unique}INDEX CONCURRENTLY ${ident(index.name)} ON ${tableName(index)} USING ${index.definition};\``;
  return index.isPartitioned ? `${create} ${onPartitioned}` : create;
}

/** What to do with a CREATE INDEX CONCURRENTLY on a partitioned table, which PostgreSQL refuses. */
export const onPartitioned =
  "in a migration, where pgwright builds it leaf by leaf; PostgreSQL itself has no CONCURRENTLY for a partitioned table";

/** `<table>_<columns>_idx` as PostgreSQL would name it, cut with a hash to its 63 bytes, and free. */
export function freeName(
  table: string,
  columns: readonly string[],
  taken: ReadonlySet<string>,
): string {
  const base = cut(`${table}_${columns.join("_")}_idx`);
  for (let n = 0; ; n += 1) {
    const name = n === 0 ? base : cut(`${base}${n}`);
    if (!taken.has(name)) return name;
  }
}

function cut(name: string): string {
  if (Buffer.byteLength(name) <= 63) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let short = name;
  while (Buffer.byteLength(short) > 63 - 9) short = [...short].slice(0, -1).join("");
  return `${short}_${hash}`;
}
