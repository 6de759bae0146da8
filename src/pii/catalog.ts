/** Reads which columns there are. */
import type { Session } from "../db/session.ts";
import columnsSql from "./columns.sql";
import type { Kind } from "./detector.ts";

/** A relation whose values are its own: a table, a leaf of partitions, a materialized view. */
export interface Leaf {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** As in pg_class.relkind. */
  readonly kind: string;
  readonly isUnlogged: boolean;
  /** Estimated; -1 where nothing was ever counted. */
  readonly rows: number;
  readonly pages: number;
  /** Of dead rows, as the statistics know them. */
  readonly dead: number;
  readonly bytes: number;
  /** Access method: random ctids mean something to "heap" only. */
  readonly method: string;
}

export interface CatalogColumn {
  readonly number: number;
  readonly name: string;
  /** "character varying(255)", "citext[]" */
  readonly type: string;
  /** Name of the type below domains and arrays. */
  readonly base: string;
  readonly baseSchema: string;
  readonly category: string;
  readonly typtype: string;
  readonly isExtension: boolean;
  readonly isArray: boolean;
  readonly comment: string;
  readonly mayRead: boolean;
  readonly target: {
    readonly schema: string;
    readonly table: string;
    readonly column: string;
  } | null;
}

export interface CatalogTable {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly comment: string | null;
  readonly columns: readonly CatalogColumn[];
  readonly leaves: readonly Leaf[];
}

/** Tables, partitioned tables, materialized views and foreign tables of these schemas, or of all. */
export function readTables(session: Session, schemas?: readonly string[]): Promise<CatalogTable[]> {
  return session.query<CatalogTable>(columnsSql, [schemas ? JSON.stringify(schemas) : null]);
}

/** How the values of a type are looked at: as one of the kinds, leaf by leaf, or not at all. */
export type Reading = Kind | "tree" | "nothing" | "unknown";

const byName: Readonly<Record<string, Reading>> = {
  json: "tree",
  jsonb: "tree",
  hstore: "tree",
  uuid: "uuid",
  inet: "network",
  cidr: "network",
  macaddr: "mac",
  macaddr8: "mac",
  bytea: "bytes",
  point: "place",
  geometry: "place",
  geography: "place",
  money: "number",
  oid: "number",
  xml: "text",
  tsvector: "text",
  tsquery: "text",
  interval: "nothing",
  time: "nothing",
  timetz: "nothing",
  bit: "nothing",
  varbit: "nothing",
  // Shapes and pointers of the server's own; nothing of a person fits in.
  line: "nothing",
  lseg: "nothing",
  box: "nothing",
  path: "nothing",
  polygon: "nothing",
  circle: "nothing",
  pg_lsn: "nothing",
  pg_snapshot: "nothing",
  txid_snapshot: "nothing",
  xid: "nothing",
  xid8: "nothing",
  cid: "nothing",
  tid: "nothing",
  char: "text",
};

/** "unknown" is reported, never passed over. */
export function readingOf({
  base,
  category,
  typtype,
}: Pick<CatalogColumn, "base" | "category" | "typtype">): Reading {
  if (typtype === "c") return "tree";
  const known = byName[base];
  if (known !== undefined) return known;
  if (typtype === "e" || category === "S" || category === "E") return "text";
  if (typtype === "r" || typtype === "m") return "nothing";
  if (base.startsWith("reg")) return "nothing";
  if (category === "N") return "number";
  if (category === "D") return "date";
  if (category === "B") return "boolean";
  return "unknown";
}
