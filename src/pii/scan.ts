/** `pgwright pii-scan`: where personal data is, how sure that is, and why. */
import { lookSafely } from "../db/look.ts";
import { qualified } from "../db/identifier.ts";
import { hasSqlState, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { readSizes, readTables, type CatalogTable } from "./catalog.ts";
import { judgeTables } from "./classify.ts";
import { ColumnValues } from "./column.ts";
import type { PiiReport, ScanLevel, Unread } from "./report.ts";
import { readWholeTable, sampleTable, type Reader, type Rows } from "./sample.ts";
import { readStatistics } from "./statistics.ts";
import { explain, listHalfRead, listUnreadable } from "./unread.ts";

export interface ScanOptions {
  readonly level: ScanLevel;
  /** All but PostgreSQL's own unless given. */
  readonly schemas?: readonly string[] | undefined;
  /** Our ledger, which holds names of people who migrate but is nobody's data to mask. */
  readonly ledger?: { readonly schema: string; readonly table: string } | undefined;
  /** Milliseconds for one statement; 0: no limit. */
  readonly statementTimeoutMs?: number | undefined;
  readonly events?: EventListener | undefined;
}

/**
 * Scans a database for personal data: `fast` reads the catalog and the planner's statistics, `sample`
 * up to 1,000 random rows of each table, `full` every row.
 *
 * Everything is read in short read-only transactions, one for each table, so no lock outlives its table
 * and the scan runs on a standby. What it may not or cannot read is in `unread`, and judged by name.
 *
 * @throws PgwrightError `relation-unknown` for a schema that is not there; `interrupted`, `connection-lost`.
 */
export async function scan(session: Session, options: ScanOptions): Promise<PiiReport> {
  const { level, schemas, ledger, events = () => {} } = options;
  const started = performance.now();
  await checkSchemas(session, schemas ?? []);
  const found = await lookSafely(session, () => readTables(session, schemas), {
    statementTimeoutMs: 60_000,
  });
  const tables = found.filter(({ schema, name }) => !isOurs(schema, name, ledger));
  // Of a random sample the first values show as well as all what a column is; of a whole table they do not.
  const enough = level === "full" ? Number.POSITIVE_INFINITY : 200;
  const values = new Map(
    tables.map(({ oid, columns }) => [
      oid,
      columns.map((column) => new ColumnValues(column, enough)),
    ]),
  );
  const valuesOf = ({ oid }: CatalogTable) => values.get(oid) ?? [];
  const unread: Unread[] = tables.flatMap(listUnreadable);
  const title = { fast: "reading statistics", sample: "sampling", full: "reading" }[level];
  const bare: string[] = [];
  let rows = 0;
  for (const [i, table] of tables.entries()) {
    events({
      type: "step-progress",
      title,
      done: i,
      total: tables.length,
      detail: `${table.schema}.${table.name}`,
    });
    const outcome = await readTable(session, table, valuesOf(table), options);
    rows += outcome.rows;
    if (outcome.isBare) bare.push(qualified(table.schema, table.name));
    unread.push(...outcome.unread);
  }
  unread.push(...listBare(bare));
  const findings = judgeTables(tables, valuesOf);
  for (const table of tables) unread.push(...listHalfRead(table, valuesOf(table)));
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0);
  const detail = `${columns} columns of ${tables.length} tables`;
  events({ type: "step-finished", title, detail, durationMs: performance.now() - started });
  const places = tables.flatMap(({ schema, name, columns: all }) =>
    all.map((column) => `${schema}.${name}.${column.name}`),
  );
  return { level, tables: tables.length, columns, rows, findings, places, unread };
}

async function checkSchemas(session: Session, schemas: readonly string[]): Promise<void> {
  for (const schema of schemas) {
    const rows = await session.query("select from pg_namespace where nspname = $1", [schema]);
    if (rows.length > 0) continue;
    throw new PgwrightError(
      "relation-unknown",
      `the database \`${session.server.database}\` has no schema \`${schema}\``,
      { hint: "--schema takes the name as it is stored, without quotes" },
    );
  }
}

function isOurs(schema: string, name: string, ledger: ScanOptions["ledger"]): boolean {
  if (schema === "pgwright") return true;
  return (
    ledger !== undefined &&
    schema === ledger.schema &&
    (name === ledger.table || name === `${ledger.table}_log`)
  );
}

interface TableOutcome {
  readonly rows: number;
  /** There are rows, and no statistics. */
  readonly isBare?: boolean;
  readonly unread: readonly Unread[];
}

async function readTable(
  session: Session,
  table: CatalogTable,
  values: readonly ColumnValues[],
  options: ScanOptions,
): Promise<TableOutcome> {
  const { level, statementTimeoutMs = 60_000, events = () => {} } = options;
  const object = qualified(table.schema, table.name);
  const look = <T>(work: () => Promise<T>) =>
    retryOnConflict(() => lookSafely(session, work, { statementTimeoutMs }));
  const onBatch = (done: number, total: number) => {
    const detail = `pages of ${table.schema}.${table.name}`;
    events({ type: "step-progress", title: "reading", done, total, detail });
  };
  try {
    const hasStatistics =
      level === "fast" && (await look(() => readStatistics(session, table, values)));
    if (hasStatistics || !values.some(({ column }) => column.mayRead))
      return { rows: 0, unread: [] };
    const leaves = await look(() => readSizes(session, table.leaves));
    if (level === "fast") {
      const isFilled = leaves.some(({ bytes }) => bytes > 0);
      return { rows: 0, unread: [], isBare: isFilled };
    }
    const reader: Reader = {
      query: (text) => look(() => readRows(session, text)),
      stream: (text, onRows) =>
        lookSafely(session, () => streamRows(session, text, onRows), { statementTimeoutMs }),
    };
    if (level === "full") {
      return { rows: await readWholeTable(reader, table, leaves, values, onBatch), unread: [] };
    }
    const { rows, sparse } = await sampleTable(reader, table, leaves, values);
    // ANALYZE draws 30,000 rows: it has met values that are in few of them.
    if (sparse.length > 0) await look(() => readStatistics(session, table, sparse));
    return { rows, unread: [] };
  } catch (error) {
    const why = explain(error, session.server.role);
    if (why === undefined) throw error;
    return { rows: 0, unread: [{ object, ...why }] };
  }
}

/** One line for all of them: a database that was never analyzed has them all. */
function listBare(tables: readonly string[]): Unread[] {
  if (tables.length === 0) return [];
  return [
    {
      object: tables.join(", "),
      why: "no statistics that the role may see: only names and types were looked at",
      hint: "`ANALYZE` gathers them; under row level security a role with BYPASSRLS sees them; without --fast the rows are looked at",
      isBlind: true,
    },
  ];
}

async function readRows(session: Session, text: string): Promise<(string | null)[][]> {
  const rows = await session.query<Record<string, string | null>>(text);
  return rows.map((row) => Object.values(row));
}

async function streamRows(
  session: Session,
  text: string,
  onRows: (rows: Rows) => void,
): Promise<void> {
  await session.script(`declare pgwright_rows no scroll cursor for ${text}`);
  for (;;) {
    const rows = await readRows(session, "fetch 5000 from pgwright_rows");
    if (rows.length === 0) return;
    onRows(rows);
  }
}

/** On a standby, a query is cancelled when the primary has removed what it reads. */
async function retryOnConflict<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      if (!hasSqlState(error, "40001") || attempt === 5) throw error;
    }
  }
}
