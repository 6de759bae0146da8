/** Reads rows: a random sample of a table, one query for all columns, or every row. */
import { ident, qualified } from "../db/identifier.ts";
import { hasValue } from "../db/stored-value.ts";
import type { CatalogTable, SizedLeaf } from "./catalog.ts";
import type { ColumnValues } from "./column.ts";

// With 1,000 rows, what at least 0.3% of all rows hold is met with a probability of 95%.
const sampleSize = 1000;
// Below this a table is read whole to draw from it: it costs less than 1,000 single pages.
const smallBytes = 4 * 1024 * 1024;
// A column with fewer values than this in its sample is drawn again, from where it is not NULL.
const fewValues = 30;
const longestText = 4096;
const longestDocument = 16_384;
// Of a full read, 4 MB of the table at a time: short statements, no cursor, no long snapshot.
const pagesAtOnce = 512;

export interface Reader {
  /** Runs one query in a short read-only transaction of its own. */
  query(text: string): Promise<Rows>;
  /** Runs one query by a cursor, some thousand rows at a time. */
  stream(text: string, onRows: (rows: Rows) => void): Promise<void>;
}

export type Rows = readonly (readonly (string | null)[])[];

type Expression = { readonly values: ColumnValues; readonly sql: string };

/** Draws rows of all leaves in proportion to their size. */
export async function sampleTable(
  reader: Reader,
  table: CatalogTable,
  leaves: readonly SizedLeaf[],
  values: readonly ColumnValues[],
): Promise<Sample> {
  const expressions = readable(values);
  if (expressions.length === 0) return { rows: 0, sparse: [] };
  if (!leaves.every(({ mayRead }) => mayRead)) {
    const rows = take(expressions, await reader.query(blockSql(table, leaves, expressions)));
    return { rows, sparse: rows < sampleSize / 2 ? [] : sparseOf(expressions) };
  }
  let rows = 0;
  for (const { leaf, size } of shareOut(leaves)) {
    rows += await drawUntilEnough(reader, leaf, size, expressions);
  }
  const sparse = expressions.filter((one) => one.values.values < fewValues);
  if (rows < sampleSize / 2 || sparse.length === 0) return { rows, sparse: [] };
  const condition = sparse
    .map(({ values: { column } }) => hasValue(`t.${ident(column.name)}`))
    .join(" or ");
  for (const { leaf, size } of shareOut(leaves)) {
    const draw = { draws: size * 5, limit: size, expressions: sparse, condition };
    take(sparse, await reader.query(drawSql(leaf, draw)));
  }
  return { rows, sparse: sparseOf(sparse) };
}

export interface Sample {
  /** That were read. */
  readonly rows: number;
  /** Columns of which hardly any value was met: NULL nearly everywhere. */
  readonly sparse: readonly ColumnValues[];
}

function sparseOf(expressions: readonly Expression[]): ColumnValues[] {
  return expressions.map(({ values }) => values).filter((one) => one.values < fewValues);
}

/** Every row; `onBatch` is told how many pages of how many are done. */
export async function readWholeTable(
  reader: Reader,
  table: CatalogTable,
  leaves: readonly SizedLeaf[],
  values: readonly ColumnValues[],
  onBatch: (done: number, total: number) => void,
): Promise<number> {
  const expressions = readable(values);
  if (expressions.length === 0) return 0;
  let rows = 0;
  const onRows = (more: Rows) => {
    rows += take(expressions, more);
  };
  if (!leaves.every(({ mayRead }) => mayRead)) {
    await reader.stream(`select ${list(expressions)} from ${fromWhole(table)} t`, onRows);
    return rows;
  }
  let done = 0;
  const total = leaves.reduce((sum, leaf) => sum + pagesOf(leaf), 0);
  for (const leaf of leaves) {
    const from = `select ${list(expressions)} from only ${qualified(leaf.schema, leaf.name)} t`;
    if (leaf.method !== "heap") {
      await reader.stream(from, onRows);
      continue;
    }
    const pages = pagesOf(leaf);
    for (let page = 0; page < pages; page += pagesAtOnce) {
      // The last batch has no end: the table may have grown.
      const end = page + pagesAtOnce < pages ? ` and t.ctid < '(${page + pagesAtOnce},0)'` : "";
      onRows(await reader.query(`${from} where t.ctid >= '(${page},0)'${end}`));
      done += Math.min(pagesAtOnce, pages - page);
      onBatch(done, total);
    }
  }
  return rows;
}

/**
 * Where the role may read some columns only, or the partitioned table and not its partitions, ctids are
 * closed to it. Whole blocks, of which few rows are taken, are the next best.
 */
function blockSql(
  table: CatalogTable,
  leaves: readonly SizedLeaf[],
  expressions: readonly Expression[],
): string {
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  const blocks = bytes <= smallBytes ? "" : ` tablesample system (${(100 * smallBytes) / bytes})`;
  const names = expressions.map(({ values: { column } }) => ident(column.name)).join(", ");
  return `select ${list(expressions)} from (select ${names} from ${fromWhole(table)}${blocks} order by random() limit ${sampleSize}) t`;
}

function fromWhole({ kind, schema, name }: CatalogTable): string {
  return `${kind === "p" ? "" : "only "}${qualified(schema, name)}`;
}

async function drawUntilEnough(
  reader: Reader,
  leaf: SizedLeaf,
  size: number,
  expressions: readonly Expression[],
): Promise<number> {
  const first = await reader.query(
    drawSql(leaf, { draws: Math.ceil(size * 1.4), limit: size, expressions }),
  );
  const rows = take(expressions, first);
  if (rows >= size / 3 || leaf.method !== "heap" || leaf.bytes <= smallBytes || size < 30)
    return rows;
  // The statistics are wrong about how full its pages are: try each place a page of 8 kB can have.
  const again = drawSql(
    { ...leaf, rows: -1 },
    { draws: size * 8, limit: size - rows, expressions },
  );
  return rows + take(expressions, await reader.query(again));
}

interface Draw {
  readonly draws: number;
  readonly limit: number;
  readonly expressions: readonly Expression[];
  readonly condition?: string;
}

/**
 * Random ctids: independent rows, at most one page read for each. LIMIT reads one end of the table, and
 * TABLESAMPLE SYSTEM whole pages, so that in six runs of seven it met none of 1% that lay together.
 */
function drawSql(leaf: SizedLeaf, { draws, limit, expressions, condition }: Draw): string {
  const table = qualified(leaf.schema, leaf.name);
  if (leaf.method !== "heap" || leaf.bytes <= smallBytes) {
    const names = expressions.map(({ values: { column } }) => ident(column.name)).join(", ");
    const where = condition === undefined ? "" : ` where ${condition}`;
    return `select ${list(expressions)} from (select ${names} from only ${table} t${where} order by random() limit ${limit}) t`;
  }
  const pages = pagesOf(leaf);
  // Live and dead rows of a page, and a quarter more for pages that are fuller than others.
  const perPage = leaf.rows > 0 && leaf.pages > 0 ? (leaf.rows + leaf.dead) / leaf.pages : 230;
  const places = Math.min(291, Math.ceil(perPage * 1.25) + 1);
  return `select ${list(expressions)} from only ${table} t
where t.ctid = any (array(
  select format('(%s,%s)', floor(random() * ${pages})::bigint, 1 + floor(random() * ${places})::int)::tid
  from generate_series(1, ${draws})))${condition === undefined ? "" : ` and (${condition})`} limit ${limit}`;
}

// pg_relation_size() in pages of the usual 8 kB; other sizes are a matter of building the server.
function pagesOf(leaf: SizedLeaf): number {
  return Math.max(1, Math.ceil(leaf.bytes / 8192));
}

/** Parts of the sample by the leaves' numbers of rows; leaves that get less than half a row none. */
function shareOut(leaves: readonly SizedLeaf[]): { leaf: SizedLeaf; size: number }[] {
  const local = leaves.filter(({ kind }) => kind !== "f");
  const weight = (leaf: SizedLeaf) =>
    leaf.rows >= 0 && leaf.pages > 0
      ? leaf.rows * (leaf.bytes / 8192 / leaf.pages)
      : leaf.bytes / 100;
  const total = local.reduce((sum, leaf) => sum + weight(leaf), 0);
  if (local.length === 1) return local.map((leaf) => ({ leaf, size: sampleSize }));
  return local
    .map((leaf) => ({ leaf, size: Math.round((sampleSize * weight(leaf)) / Math.max(1, total)) }))
    .filter(({ size }) => size > 0);
}

function take(expressions: readonly Expression[], rows: Rows): number {
  for (const row of rows) {
    for (const [i, { values }] of expressions.entries()) {
      const text = row[i];
      if (text !== null && text !== undefined) values.add(text);
    }
  }
  return rows.length;
}

function list(expressions: readonly Expression[]): string {
  return expressions.map(({ sql }, i) => `${sql} as c${i}`).join(", ");
}

/** What is asked of each column; truth values and what holds nothing of a person are left out. */
function readable(values: readonly ColumnValues[]): Expression[] {
  return values.flatMap((one) => {
    const { column, reading } = one;
    const name = `t.${ident(column.name)}`;
    if (!column.mayRead || reading === "nothing" || reading === "boolean") return [];
    const isDocument = column.isArray || reading === "tree";
    if (isDocument) {
      const isJson = !column.isArray && (column.base === "json" || column.base === "jsonb");
      const document = isJson
        ? name
        : column.base === "hstore" && !column.isArray
          ? `${name}::jsonb`
          : `to_jsonb(${name})`;
      return [{ values: one, sql: `left(${document}::text, ${longestDocument})` }];
    }
    if (reading === "bytes")
      return [{ values: one, sql: `encode(substring(${name} from 1 for 512), 'hex')` }];
    const isShort =
      reading === "number" ||
      reading === "date" ||
      reading === "uuid" ||
      reading === "network" ||
      reading === "mac";
    return [
      { values: one, sql: isShort ? `${name}::text` : `left(${name}::text, ${longestText})` },
    ];
  });
}
