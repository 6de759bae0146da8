/**
 * Rows that are there already, in the order in which this seed makes them. Which parent a child gets
 * is a number drawn among the parents, so that children filled later get those that they would have
 * had in the run that made both.
 */
import { type Catalog, type Table } from "./catalog.ts";
import { orderTables } from "./order.ts";
import { keyText } from "./present.ts";
import { TableRows, type World } from "./rows.ts";
import { Impossible } from "./scope.ts";
import type { Source } from "./source.ts";

/**
 * A source for each table of `stored`: made rows by their numbers where the keys of all stored rows
 * are the first ones that this seed makes, otherwise the rows as they were read, by their keys.
 */
export async function alignStored(
  catalog: Catalog,
  stored: ReadonlyMap<string, Source>,
  columnsOf: (table: Table) => readonly string[],
  world: Omit<World, "source" | "rows" | "isTogether">,
  breathe: Breathe,
): Promise<Map<string, Source>> {
  const sources = new Map<string, Source>(stored);
  const tables = catalog.tables.filter(({ oid }) => stored.has(oid));
  for (const group of orderTables(tables)) {
    const made = new Map<string, TableRows>();
    const isOf = (oid: string) => group.some((table) => table.oid === oid);
    const groupWorld: World = {
      ...world,
      source: (oid) => made.get(oid) ?? sources.get(oid),
      rows: (oid) => made.get(oid),
      isTogether: (oid, other) => isOf(oid) && isOf(other),
    };
    for (const table of group) made.set(table.oid, new TableRows(table, groupWorld));
    for (const table of group) {
      const rows = made.get(table.oid);
      const source = stored.get(table.oid);
      if (rows && source) {
        sources.set(table.oid, await align(rows, source, columnsOf(table), breathe));
      }
    }
  }
  return sources;
}

type Breathe = () => Promise<void> | undefined;

async function align(
  rows: TableRows,
  stored: Source,
  columns: readonly string[],
  breathe: Breathe,
): Promise<Source> {
  const places = await placesOf(rows, stored, columns, breathe);
  if (places === undefined) return stored;
  return {
    count: stored.count,
    stored: stored.stored,
    value: (column, row) => stored.value(column, places[row] ?? 0),
    born: (row) => {
      const read = stored.born(places[row] ?? 0);
      const made = rows.born(row);
      // Read from a column, the time is rounded down to a second or a day; any other difference means
      // that somebody changed it.
      const day = 86_400;
      const isSame = Math.floor(made) === read || Math.floor(made / day) * day === read;
      return !stored.isBornKnown || isSame ? made : read;
    },
  };
}

/** Where each row that is made stands among the stored ones; undefined where one of them is another. */
async function placesOf(
  rows: TableRows,
  stored: Source,
  columns: readonly string[],
  breathe: Breathe,
): Promise<Uint32Array | undefined> {
  const known = new Map<string, number>();
  for (let place = 0; place < stored.count; place += 1) {
    known.set(keyText(columns.map((column) => stored.value(column, place))), place);
  }
  const places = new Uint32Array(stored.count);
  try {
    for (let row = 0; row < stored.count; row += 1) {
      const key = keyText(columns.map((column) => rows.value(column, row)));
      const place = known.get(key);
      if (place === undefined) return undefined;
      known.delete(key);
      places[row] = place;
      const pause = breathe();
      if (pause) await pause;
    }
  } catch (error) {
    // What this seed cannot make, it did not make.
    if (error instanceof Impossible || error instanceof RangeError) return undefined;
    throw error;
  }
  return places;
}
