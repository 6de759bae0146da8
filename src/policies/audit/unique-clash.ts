/** In which order rows give up and take unique values. */
import type { Session } from "../../db/session.ts";
import listUniqueKeys from "./unique-keys.sql";
import { keyColumns } from "./net-effect.ts";
import type { StandIn } from "./sameness.ts";
import type { PreparedRow } from "./undo-row.ts";

export interface UniqueKey {
  readonly oid: string;
  readonly columns: readonly {
    readonly name: string;
    /** As SQL: the index's, where it may call different texts equal. */
    readonly blindCollation: string | null;
  }[];
}

export interface UniqueOrder {
  /** A row that comes back, or is changed back, needs a value of one that is about to go. */
  readonly deletesFirst: boolean;
  /** The same rows, those that give a value up before those that need it. */
  readonly rows: readonly PreparedRow[];
}

/** Unique indexes over columns of the tables; one over expressions tells nothing of recorded values. */
export async function readUniqueKeys(
  session: Session,
  oids: readonly string[],
): Promise<UniqueKey[]> {
  return session.query<UniqueKey>(listUniqueKeys, [JSON.stringify(oids)]);
}

/**
 * Somebody signed up anew with the address of a deleted account: undoing both must delete first.
 * And of two rows whose keys were shifted, the last shifted must go back first. Rows that exchanged
 * their values with each other have no order: undo-replay.ts is for these.
 */
export function orderByUnique(
  rows: readonly PreparedRow[],
  keys: readonly UniqueKey[],
  standIn: StandIn,
): UniqueOrder {
  let deletesFirst = false;
  /** By row: those that hold what it needs. */
  const needs = new Map<PreparedRow, Set<PreparedRow>>();
  for (const { oid, columns: indexed } of keys) {
    const columns = indexed.map(({ name }) => name);
    const here = rows.filter(({ row }) => row.table.oid === oid);
    const holders = new Map<string, PreparedRow>();
    for (const row of here) {
      const held = row.row.kind === "insert" ? undefined : valuesOf(row, columns, false, standIn);
      if (held !== undefined) holders.set(held, row);
    }
    for (const row of here) {
      const wanted = row.row.kind === "delete" ? undefined : valuesOf(row, columns, true, standIn);
      const holder = wanted === undefined ? undefined : holders.get(wanted);
      if (!holder || holder === row) continue;
      if (row.row.kind === "insert" || holder.row.kind === "delete") deletesFirst = true;
      else needs.set(row, (needs.get(row) ?? new Set()).add(holder));
    }
  }
  return { deletesFirst, rows: needs.size === 0 ? rows : sort(rows, needs) };
}

function sort(
  rows: readonly PreparedRow[],
  needs: ReadonlyMap<PreparedRow, ReadonlySet<PreparedRow>>,
): PreparedRow[] {
  const sorted = new Set<PreparedRow>();
  const met = new Set<PreparedRow>();
  const visit = (row: PreparedRow) => {
    // A row met before is either sorted or closes a circle.
    if (met.has(row)) return;
    met.add(row);
    for (const holder of needs.get(row) ?? []) visit(holder);
    sorted.add(row);
  };
  for (const row of rows) visit(row);
  return [...sorted];
}

/** Values of a unique key now, or after the undo (`then`); undefined when one is NULL or unknown. */
export function valuesOf(
  { row }: PreparedRow,
  columns: readonly string[],
  then: boolean,
  standIn: StandIn,
): string | undefined {
  const key = keyColumns(row.table);
  const values = columns.map((name) => {
    const recorded = (then ? row.before.get(name) : undefined) ?? row.after.get(name);
    const place = key.findIndex((column) => column.name === name);
    const text = recorded ? recorded.text : (row.key[place] ?? null);
    return text === null ? null : standIn(row.table.oid, name, text);
  });
  return values.includes(null) ? undefined : JSON.stringify(values);
}
