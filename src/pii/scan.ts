/** `pgwright pii-scan`: where personal data is, how sure that is, and why. */
import { lookSafely, vanished } from "../db/look.ts";
import { ident, qualified } from "../db/identifier.ts";
import { hasSqlState, isPostgresError, type Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import type { EventListener } from "../events.ts";
import { readTables, type CatalogTable } from "./catalog.ts";
import { judgeTables } from "./classify.ts";
import { ColumnValues } from "./column.ts";
import type { PiiReport, ScanLevel, Unread } from "./report.ts";
import { readWholeTable, sampleTable, type Reader } from "./sample.ts";
import { readStatistics } from "./statistics.ts";

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
  const values = new Map(
    tables.map(({ oid, columns }) => [oid, columns.map((column) => new ColumnValues(column))]),
  );
  const valuesOf = ({ oid }: CatalogTable) => values.get(oid) ?? [];
  const unread: Unread[] = tables.flatMap(listUnreadable);
  const title = { fast: "reading statistics", sample: "sampling", full: "reading" }[level];
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
    unread.push(...outcome.unread);
  }
  const findings = judgeTables(tables, valuesOf);
  for (const table of tables) unread.push(...listHalfRead(table, valuesOf(table)));
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0);
  const detail = `${columns} columns of ${tables.length} tables`;
  events({ type: "step-finished", title, detail, durationMs: performance.now() - started });
  return { level, tables: tables.length, columns, rows, findings, unread };
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

/** Where rows are elsewhere, or this role or server cannot read them. */
function listUnreadable(table: CatalogTable): Unread[] {
  const object = qualified(table.schema, table.name);
  const foreign = table.leaves.filter(({ kind }) => kind === "f");
  const found: Unread[] = foreign.map((leaf) => ({
    object: qualified(leaf.schema, leaf.name),
    why: "a foreign table: its rows are on another server",
    hint: "scan that server",
  }));
  const closed = table.columns.filter(({ mayRead }) => !mayRead);
  if (closed.length === 0 || table.kind === "f") return found;
  const isAll = closed.length === table.columns.length;
  const names = closed.map(({ name }) => ident(name)).join(", ");
  return [
    ...found,
    {
      object,
      why: isAll ? "the role may not read it" : `the role may not read ${names}`,
      hint: `GRANT SELECT${isAll ? "" : ` (${names})`} ON ${object} TO …`,
    },
  ];
}

/** What was read, and yet not wholly understood. */
function listHalfRead(table: CatalogTable, values: readonly ColumnValues[]): Unread[] {
  return values.flatMap(({ column, reading, cut }) => {
    const object = `${qualified(table.schema, table.name)}.${ident(column.name)}`;
    if (reading === "unknown") {
      return [
        {
          object,
          why: `the type ${column.type} is not known to the scan: only its text form was looked at`,
        },
      ];
    }
    if (cut > 0 && column.base !== "hstore" && column.typtype !== "c") {
      return [
        {
          object,
          why: `${cut} documents of more than 16 kB: only their beginnings were looked at`,
        },
      ];
    }
    return [];
  });
}

interface TableOutcome {
  readonly rows: number;
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
  if (level === "fast") {
    const look = () => readStatistics(session, table, values);
    const hasStatistics = await lookSafely(session, look, { statementTimeoutMs });
    const isFilled = table.leaves.some(({ bytes }) => bytes > 0);
    if (hasStatistics || !isFilled || !values.some(({ column }) => column.mayRead))
      return { rows: 0, unread: [] };
    return {
      rows: 0,
      unread: [
        {
          object,
          why: "no statistics that the role may see: only names and types were looked at",
          hint: `ANALYZE ${object}; under row security a role with BYPASSRLS sees them`,
        },
      ],
    };
  }
  const leaves = table.leaves.filter(({ kind }) => kind !== "f");
  if (leaves.length === 0) return { rows: 0, unread: [] };
  const reader: Reader = {
    query: (text) =>
      retryOnConflict(() =>
        lookSafely(session, () => readRows(session, text), { statementTimeoutMs }),
      ),
  };
  try {
    const local = { ...table, leaves };
    const rows =
      level === "sample"
        ? await sampleTable(reader, local, values)
        : await readWholeTable(reader, local, values, (done, total) => {
            events({
              type: "step-progress",
              title: "reading",
              done,
              total,
              detail: `pages of ${table.schema}.${table.name}`,
            });
          });
    return { rows, unread: [] };
  } catch (error) {
    const why = explain(error, session.server.role);
    if (why === undefined) throw error;
    return { rows: 0, unread: [{ object, ...why }] };
  }
}

async function readRows(session: Session, text: string): Promise<(string | null)[][]> {
  const rows = await session.query<Record<string, string | null>>(text);
  return rows.map((row) => Object.values(row));
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

/** Why one table could not be read, where that need not end the scan. */
function explain(error: unknown, role: string): { why: string; hint?: string } | undefined {
  if (!isPostgresError(error)) return undefined;
  if (hasSqlState(error, "42501") && error.message.includes("row-level security")) {
    return {
      why: "row level security would hide rows from this role",
      hint: `connect as a role with BYPASSRLS, or as a superuser: ALTER ROLE ${ident(role)} BYPASSRLS`,
    };
  }
  if (hasSqlState(error, "42501"))
    return {
      why: error.message,
      hint: `GRANT SELECT on it and USAGE on its schema to ${ident(role)}`,
    };
  if (hasSqlState(error, "57014"))
    return {
      why: "reading it took longer than the statement timeout",
      hint: "--statement-timeout 5min",
    };
  if (hasSqlState(error, "55P03"))
    return {
      why: "it is locked exclusively",
      hint: "run the same command again when that is over",
    };
  if (hasSqlState(error, "40001"))
    return {
      why: "the standby cancelled reading it five times",
      hint: "scan the primary, or raise max_standby_streaming_delay",
    };
  if (hasSqlState(error, "55000", "0A000")) return { why: error.message };
  if (hasSqlState(error, ...vanished))
    return { why: "it was dropped or changed meanwhile", hint: "run the same command again" };
  return undefined;
}
