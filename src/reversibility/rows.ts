/** What the tables of a copy hold, as sums that tell whether rows and values are still there. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { storedText } from "../db/stored-value.ts";
import type { LedgerPlace } from "../migrate/ledger-place.ts";
import type { RowPrints } from "./row-prints.ts";
import { countOthers, mostPrinted, printQuery } from "./row-prints.ts";
import listTables from "./rows.sql";

/** Sums do not depend on the order of rows. */
export interface ColumnSum {
  readonly name: string;
  /** It stays under another name, and is another one where the column was made anew. */
  readonly number: number;
  /** Rows with a value. */
  readonly values: number;
  readonly sum: string;
}

export interface TableSum {
  /** `schema.name`, quoted where needed. */
  readonly table: string;
  /** The same, never quoted: as seed files name it. */
  readonly key: string;
  /** As `number` of a column. */
  readonly oid: string;
  readonly rows: number;
  readonly columns: readonly ColumnSum[];
  /** Over whole rows: it differs when values have changed places. */
  readonly sum: string;
  /** Columns, in the order of the table. */
  readonly primaryKey: readonly string[];
  /** Of the rows one by one; undefined where there are too many of them, and for sums of sums. */
  readonly prints?: RowPrints | undefined;
}

interface TableRow {
  readonly schema: string;
  readonly name: string;
  readonly oid: string;
  readonly columns: readonly Pick<ColumnSum, "name" | "number">[];
  readonly primaryKey: readonly string[];
}

/**
 * Sums of every table with rows of its own. Values are hashed by the server as their text, with 64
 * bits: that two different contents have the same sum by chance is as likely as one in 2^64.
 *
 * @param wanted the sums before: then only their tables and columns, as far as they are still there.
 */
export async function sumRows(
  session: Session,
  ledger: LedgerPlace,
  role: string | undefined,
  wanted?: readonly TableSum[],
): Promise<TableSum[]> {
  return await lookAsOwner(session, role, async () => {
    const tables = await session.query<TableRow>(listTables, [ledger.schema, ledger.table]);
    const sums: TableSum[] = [];
    for (const { schema, name, oid, columns, primaryKey } of tables) {
      const table = qualified(schema, name);
      const before = wanted?.find((one) => one.table === table);
      if (wanted && !before) continue;
      const kept = before?.columns.flatMap(
        (column) => columns.find((one) => one.name === column.name) ?? [],
      );
      const key = `${schema}.${name}`;
      sums.push(await sumTable(session, { table, key, oid, primaryKey, columns: kept ?? columns }));
    }
    return sums;
  });
}

/** What some partitions of a table hold, together, as if they were a table of its name. */
export async function sumPartitions(
  session: Session,
  role: string | undefined,
  whole: TableSum,
  partitions: readonly string[],
): Promise<TableSum> {
  const columns = whole.columns.map(({ name }) => ident(name)).join(", ");
  const from = partitions.map((one) => `select ${columns} from ${one}`).join(" union all ");
  return await lookAsOwner(session, role, () => sumTable(session, whole, `(${from})`));
}

/** Reads in one snapshot, all rows, with texts that do not depend on settings. */
export async function lookAsOwner<T>(
  session: Session,
  role: string | undefined,
  look: () => Promise<T>,
): Promise<T> {
  await session.script(
    [
      "begin isolation level repeatable read read only",
      ...(role === undefined ? [] : [`set local role ${ident(role)}`]),
      // Under FORCE ROW LEVEL SECURITY the owner would see no rows.
      "set local row_security = off",
      "set local timezone = 'UTC'",
      "set local datestyle = 'ISO, YMD'",
      "set local intervalstyle = 'postgres'",
      "set local extra_float_digits = 1",
      "set local bytea_output = 'hex'",
      "set local statement_timeout = 0",
    ].join(";\n"),
  );
  try {
    return await look();
  } finally {
    if (!session.isDead) await session.settle("rollback");
  }
}

async function sumTable(
  session: Session,
  {
    table,
    key,
    oid,
    primaryKey,
    columns,
  }: Pick<TableSum, "table" | "key" | "oid" | "primaryKey"> & Pick<TableRow, "columns">,
  from = table,
): Promise<TableSum> {
  const hash = (text: string) => `coalesce(sum(hashtextextended(${text}, 0)::numeric), 0)::text`;
  const each = columns.map(
    ({ name }) =>
      `json_build_object('values', count(t.${ident(name)}), 'sum', ${hash(storedText(`t.${ident(name)}`))})`,
  );
  const row = columns.map(({ name }) => `to_json(t.${ident(name)}::text)`).join(", ");
  const found = await session.one<{
    rows: number;
    columns: readonly { values: number; sum: string }[];
    sum: string;
    prints: RowPrints;
  }>(
    `select count(*)::int as rows, ${hash(`json_build_array(${row})::text`)} as sum,
       json_build_array(${each.join(", ")}) as columns,
       (${printQuery(from, columns, primaryKey)}) as prints
     from ${from} t`,
  );
  return {
    table,
    key,
    oid,
    rows: found.rows,
    sum: found.sum,
    primaryKey,
    ...(found.rows > mostPrinted ? {} : { prints: found.prints }),
    columns: columns.flatMap((column, index) => {
      const sums = found.columns[index];
      return sums ? [{ ...column, ...sums }] : [];
    }),
  };
}

export interface RowChange {
  readonly kind: "rows-lost" | "values-lost" | "rows-left";
  /** `app.notes` or `app.people.email`. */
  readonly object: string;
  /** A sentence without its point. */
  readonly text: string;
}

/**
 * What tables have lost or gained from one look to the other.
 *
 * @param log `schema.name` of a table that is written to by every change: that it grows is no news.
 */
export function compareRows(
  before: readonly TableSum[],
  now: readonly TableSum[],
  log?: string,
): RowChange[] {
  return before.flatMap((had): RowChange[] => {
    const { table } = had;
    const has = now.find((one) => one.table === table);
    if (!has || has.rows < had.rows) {
      if (had.rows === 0) return [];
      const kept = has?.rows ?? 0;
      const text = `${table} had ${rows(had.rows)} and has ${kept === 0 ? "none" : kept}`;
      return [{ kind: "rows-lost", object: table, text }];
    }
    if (has.rows > had.rows) {
      if (had.key === log) return [];
      const text = `${table} had ${rows(had.rows)} and has ${has.rows}`;
      return [{ kind: "rows-left", object: table, text }];
    }
    const lost = had.columns.flatMap((column): RowChange[] => {
      const other = has.columns.find(({ name }) => name === column.name);
      const object = `${table}.${ident(column.name)}`;
      if (other?.sum === column.sum && other.values === column.values) return [];
      if (!other && column.values === 0) return [];
      const text = `${object} ${phraseOthers(had, has, column, other?.values ?? 0)}`;
      return [{ kind: "values-lost", object, text }];
    });
    if (lost.length > 0 || has.sum === had.sum) return lost;
    const text = `values of ${table} stand in other rows than before`;
    return [{ kind: "values-lost", object: table, text }];
  });
}

/** What has become of a column's values, with the number of rows in which they are others where it is known. */
function phraseOthers(had: TableSum, has: TableSum, { name, values }: ColumnSum, kept: number) {
  const counted = countOthers(had, has, name);
  const count =
    counted && counted.rows > 0
      ? `${counted.isExact ? "" : "at least "}${counted.rows} of ${rows(had.rows)}`
      : undefined;
  if (kept === values) {
    return count === undefined
      ? `has other values than before, in some or all of ${rows(values)}`
      : `has another value than before in ${count}`;
  }
  const text = `had a value in ${rows(values)} and has one in ${kept === 0 ? "none" : kept}`;
  return count === undefined || kept === 0 ? text : `${text}; it is other than before in ${count}`;
}

/**
 * What tables would hold if `added` had been written where `base` is: sums add up. Tables that are
 * not in all three, and columns likewise, are left out.
 */
export function sumWith(
  base: readonly TableSum[],
  added: { readonly from: readonly TableSum[]; readonly to: readonly TableSum[] },
): TableSum[] {
  const add = (one: string, from: string, to: string) =>
    String(BigInt(one) + BigInt(to) - BigInt(from));
  return base.flatMap((had): TableSum[] => {
    const from = added.from.find(({ table }) => table === had.table);
    const to = added.to.find(({ table }) => table === had.table);
    if (!from || !to) return [];
    const columns = had.columns.flatMap((column): ColumnSum[] => {
      const was = from.columns.find(({ name }) => name === column.name);
      const is = to.columns.find(({ name }) => name === column.name);
      if (!was || !is) return [];
      const values = column.values + is.values - was.values;
      return [{ ...column, values, sum: add(column.sum, was.sum, is.sum) }];
    });
    const rows = had.rows + to.rows - from.rows;
    return [{ ...had, rows, columns, sum: add(had.sum, from.sum, to.sum), prints: undefined }];
  });
}

function rows(count: number): string {
  return count === 1 ? "1 row" : `${count} rows`;
}
