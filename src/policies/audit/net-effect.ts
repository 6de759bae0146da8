/** What a number of recorded changes comes to, row by row. */
import type { AuditTable } from "./catalog.ts";
import type { AuditColumn, LoggedValue } from "./column-form.ts";
import type { Entry, LoggedRow } from "./entries.ts";
import { isSame } from "./moves.ts";
import type { StandIn } from "./sameness.ts";

/** The way back for one row. */
export interface RowUndo {
  readonly table: AuditTable;
  /** insert: the row is gone and comes back; delete: it was added; update: it was changed. */
  readonly kind: "insert" | "update" | "delete";
  /** The key now, as text in the key's order; of the row that comes back for `insert`. */
  readonly key: readonly string[];
  /** Recorded values before: the whole row, or the columns that changed. Empty for `delete`. */
  readonly before: LoggedRow;
  /** Recorded values afterwards, which the row must still have. Empty for `insert`. */
  readonly after: LoggedRow;
  /** What it comes from, in the order of writing. */
  readonly entries: readonly Entry[];
}

export interface NetEffect {
  readonly rows: readonly RowUndo[];
  /** Entries whose row cannot be told, each as a fragment. */
  readonly unknown: readonly string[];
}

interface Chain {
  readonly table: AuditTable;
  key: readonly string[];
  /** Undefined: the row was not there. */
  before: Map<string, LoggedValue> | undefined;
  after: LoggedRow | undefined;
  readonly entries: Entry[];
}

/**
 * Combines entries of the same row: one that was added and changed need only be deleted. `entries`
 * are in the order of writing and hold no TRUNCATE. A row that was added under a key equal to that
 * of a deleted one is the same row changed.
 */
export function combine(
  entries: readonly Entry[],
  tables: ReadonlyMap<string, AuditTable>,
  standIn: StandIn = (_oid, _column, text) => text,
): NetEffect {
  // Rows without a primary key may be equal to each other, so there can be several under a key.
  // Only a row that is there can be changed or deleted, and one that is added is always another.
  const current = new Map<string, Chain[]>();
  const chains: Chain[] = [];
  const unknown: string[] = [];
  const place = (table: AuditTable, key: readonly string[]) => {
    const columns = keyColumns(table);
    const parts = key.map((text, i) => standIn(table.oid, columns[i]?.name ?? "", text));
    return `${table.oid} ${JSON.stringify(parts)}`;
  };
  const take = (table: AuditTable, key: readonly string[]) => current.get(place(table, key))?.pop();
  const isKeyless = (table: AuditTable) => table.key.length === 0;
  const put = (chain: Chain) => {
    const at = place(chain.table, chain.key);
    current.set(at, [...(current.get(at) ?? []), chain]);
  };
  for (const entry of entries) {
    const table = tables.get(entry.table);
    if (!table) continue;
    const keys = keysOf(entry, table);
    if (!keys) {
      unknown.push(
        `${entry.operation} ${entry.table} ${entry.key ?? ""}: its key is not that of the table today`,
      );
      continue;
    }
    const isNew = isKeyless(table) && entry.operation === "INSERT";
    const found = isNew ? undefined : take(table, keys.before);
    const chain: Chain = found ?? {
      table,
      key: keys.before,
      before: entry.operation === "INSERT" ? undefined : new Map(entry.old),
      after: entry.operation === "DELETE" ? undefined : new Map(entry.new),
      entries: [],
    };
    chain.entries.push(entry);
    if (!found) chains.push(chain);
    else if (entry.operation === "UPDATE") {
      for (const [column, value] of entry.old) {
        if (chain.before && !chain.before.has(column)) chain.before.set(column, value);
      }
      chain.after = new Map([...(chain.after ?? []), ...entry.new]);
    } else if (entry.operation === "DELETE") {
      if (chain.before) chain.before = new Map([...entry.old, ...chain.before]);
      chain.after = undefined;
    } else chain.after = entry.new;
    chain.key = keys.after;
    if (!(isKeyless(table) && entry.operation === "DELETE")) put(chain);
  }
  return { rows: chains.flatMap(toUndo), unknown };
}

function toUndo({ table, key, before, after, entries }: Chain): RowUndo[] {
  const none: LoggedRow = new Map();
  if (!before) return after ? [{ table, kind: "delete", key, before: none, after, entries }] : [];
  if (!after) return [{ table, kind: "insert", key, before, after: none, entries }];
  const changed = [...before].filter(
    ([column, value]) => !isSame(value, after.get(column)) || value.text === "***",
  );
  if (changed.length === 0) return [];
  return [{ table, kind: "update", key, before: new Map(changed), after, entries }];
}

/** Key of the row before and after the entry; the whole row where the table has no primary key. */
function keysOf(
  entry: Entry,
  table: AuditTable,
): { before: readonly string[]; after: readonly string[] } | undefined {
  const isInsert = entry.operation === "INSERT";
  const columns = keyColumns(table);
  if (columns.length === 0) {
    const whole = (row: LoggedRow) =>
      [...row].map(([name, { kind, text }]) => JSON.stringify([name, kind, text])).toSorted();
    const after = whole(entry.new);
    const before = isInsert ? after : whole(entry.old);
    return { before, after: entry.operation === "DELETE" ? before : after };
  }
  const before = splitKey(entry.key, columns);
  if (!before) return undefined;
  const after =
    entry.operation === "UPDATE"
      ? columns.map(({ name }, i) => entry.new.get(name)?.text ?? before[i] ?? "")
      : before;
  return { before, after };
}

export function keyColumns(table: AuditTable): AuditColumn[] {
  return table.key.flatMap((number) => table.columns.filter((column) => column.number === number));
}

/** The parts of a recorded key; undefined where it is not one of these columns. */
export function splitKey(
  key: string | null,
  columns: readonly AuditColumn[],
): string[] | undefined {
  if (key === null) return undefined;
  if (columns.length === 1) return [key];
  let parsed: unknown;
  try {
    parsed = JSON.parse(key);
  } catch {
    return undefined;
  }
  const values = columns.map(({ name }) => (parsed as Record<string, unknown> | null)?.[name]);
  return values.every((value) => typeof value === "string") ? values : undefined;
}
