/** What the rows that a table has already take of its unique keys and of its parents. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { hasValue } from "../db/stored-value.ts";
import type { Table, UniqueKey } from "./catalog.ts";
import { readChecks } from "./check.ts";
import { exclusionsOfEquals, withoutGenerated } from "./keys.ts";
import type { Source } from "./source.ts";
import { countRows } from "./stored.ts";

export interface Present {
  /** A number that is greater than that of every row so far: rows are numbered from here. */
  readonly first: number;
  /** How many rows there are. */
  readonly count: number;
  /** Values of a unique key's columns, as `keyText` writes them; those with NULL are left out. */
  taken(columns: readonly string[], predicate: string | null): ReadonlySet<string>;
}

/** Several values as one text. */
export function keyText(values: readonly (string | null)[]): string {
  return JSON.stringify(values);
}

/** Which parents of a source, or of some of them, nobody refers to yet, by their numbers. */
export function freeParents(
  source: Source,
  columns: readonly string[],
  taken: ReadonlySet<string>,
  among: Uint32Array | undefined,
): Uint32Array {
  const all = among?.length ?? source.count;
  const free = new Uint32Array(all);
  let count = 0;
  for (let n = 0; n < all; n += 1) {
    const parent = among?.[n] ?? n;
    const isTaken =
      parent < source.stored &&
      taken.has(keyText(columns.map((column) => source.value(column, parent))));
    if (!isTaken) free[count++] = parent;
  }
  return free.subarray(0, count);
}

/** Reads what rows that are added must not repeat. */
export async function readPresent(session: Session, table: Table, now: number): Promise<Present> {
  const sets = new Map<string, Set<string>>();
  const keys: Pick<UniqueKey, "columns" | "predicate">[] = [
    ...withoutGenerated(table).uniques.filter((key) => mayMeet(table, key)),
    ...exclusionsOfEquals(table).map(({ columns }) => ({ columns, predicate: null })),
    ...table.foreignKeys.map(({ columns }) => ({ columns, predicate: null })),
  ];
  for (const { columns, predicate } of keys) {
    const name = nameOf(columns, predicate);
    if (sets.has(name)) continue;
    const list = columns.map((column) => `${ident(column)}::text`).join(", ");
    const conditions = [
      ...columns.map((column) => hasValue(ident(column))),
      ...(predicate === null ? [] : [`(${predicate})`]),
    ];
    const rows = await session.query<{ key: string[] }>(
      `select distinct jsonb_build_array(${list}) as key from ${qualified(table.schema, table.name)} where ${conditions.join(" and ")}`,
    );
    sets.set(name, new Set(rows.map(({ key }) => keyText(key))));
  }
  const count = await countRows(session, table);
  return {
    first: await firstNumber(session, table, now, count),
    count,
    taken: (columns, predicate) => sets.get(nameOf(columns, predicate)) ?? new Set(),
  };
}

function nameOf(columns: readonly string[], predicate: string | null): string {
  return JSON.stringify([columns, predicate]);
}

/** Keys that are more than one column with a value of its own in each row. */
function mayMeet({ foreignKeys }: Table, { columns, predicate }: UniqueKey): boolean {
  return (
    predicate !== null ||
    columns.length > 1 ||
    foreignKeys.some((key) => key.columns.some((column) => columns.includes(column)))
  );
}

/** Values of whole numbers follow from the row's number: it must lead beyond the greatest of them. */
async function firstNumber(
  session: Session,
  table: Table,
  now: number,
  count: number,
): Promise<number> {
  let first = count;
  const rules = readChecks(
    table.checks.map(({ expression }) => expression),
    now,
  );
  for (const { columns, predicate } of table.uniques) {
    const column = table.columns.find(({ name }) => name === columns[0]);
    if (!column || columns.length !== 1 || predicate !== null) continue;
    const isWhole = ["smallint", "integer", "bigint"].includes(column.typeName);
    if (!isWhole || column.isGenerated) continue;
    const name = ident(column.name);
    const { greatest, least } = await session.one<{
      greatest: number | null;
      least: number | null;
    }>(
      `select max(${name})::float8 as greatest, min(${name})::float8 as least from ${qualified(table.schema, table.name)}`,
    );
    if (greatest === null || least === null) continue;
    const from = rules.get(column.name)?.min ?? Math.min(1, least);
    first = Math.max(first, greatest - from + 1);
  }
  return first;
}
