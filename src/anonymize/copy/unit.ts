/** Tables cut into pieces of work. */
import { asTids, type RowsByTable } from "../subset/root.ts";
import { type CopyTable, maskedColumns } from "./table.ts";

const blockBytes = 8192;

/** Rows of one table that one COPY carries. */
export interface Unit {
  /** The same for the same rows of a source that has not moved. */
  readonly id: string;
  readonly table: CopyTable;
  /** SQL over the alias `t`; undefined: all rows. */
  readonly where: string | undefined;
  /** It is the only one that writes to its table, so it may empty it first and write frozen rows. */
  readonly isAlone: boolean;
  /** Estimates, for order and progress. */
  readonly bytes: number;
  readonly rows: number;
}

const mostBytes = 2 ** 30;
const leastBytes = 2 ** 26;

/**
 * Bytes of a heap that one unit reads at most: 1 GB, some ten seconds of work, so that little is
 * lost with one. Less where few tables hold most rows and masks cost the source time: two units for
 * each worker then keep all processors busy. (Two million rows, seven masks, two processors shared
 * by both servers: one stream waits for the source, two do not.)
 */
export function unitBytesFor(tables: readonly CopyTable[], jobs: number): number {
  const masked = tables.filter((table) => maskedColumns(table).length > 0);
  const bytes = masked.reduce((sum, table) => sum + table.blocks * blockBytes, 0);
  return Math.min(mostBytes, Math.max(leastBytes, bytes / (jobs * 2)));
}

// Literals of this many rows make a statement of some 300 kB.
const rowsOfSubsetUnit = 20_000;

/** The chosen rows of each table, where they lie; tables that are not in it have no unit. */
export function planSubsetUnits(tables: readonly CopyTable[], rows: RowsByTable): Unit[] {
  const units = tables.flatMap((table) => {
    const places = rows.get(table.oid) ?? [];
    const parts = Math.ceil(places.length / rowsOfSubsetUnit);
    return Array.from({ length: parts }, (_, part): Unit => {
      const own = places.slice(part * rowsOfSubsetUnit, (part + 1) * rowsOfSubsetUnit);
      return {
        id: `${table.oid}:rows ${part}`,
        table,
        where: `t.ctid = ANY ('${asTids(own)}'::tid[])`,
        isAlone: parts === 1 && table.into === table.id,
        bytes: (table.bytes * own.length) / Math.max(table.rows, own.length),
        rows: own.length,
      };
    });
  });
  return units.toSorted((a, b) => b.bytes - a.bytes);
}

/**
 * One unit per table, more where it is larger: ranges of ctid, which PostgreSQL reads without
 * reading what is before (TID range scans, since 14). The largest first, so that no worker begins
 * with it when the others are done.
 */
export function planUnits(tables: readonly CopyTable[], unitBytes: number): Unit[] {
  const writers = new Map<string, number>();
  for (const { into } of tables) writers.set(into, (writers.get(into) ?? 0) + 1);
  const units = tables.flatMap((table) => {
    const step = Math.max(1, Math.floor(unitBytes / blockBytes));
    // Half a unit more is no reason to cut.
    const isWhole = !table.isHeap || table.blocks <= step * 1.5;
    if (isWhole) {
      const isAlone = table.into === table.id && writers.get(table.into) === 1;
      return [
        {
          id: String(table.oid),
          table,
          where: undefined,
          isAlone,
          bytes: table.bytes,
          rows: table.rows,
        },
      ];
    }
    const parts = Math.ceil(table.blocks / step);
    return Array.from({ length: parts }, (_, part): Unit => {
      const from = part * step;
      // The last one is open: all that the snapshot sees, whatever the file's length was.
      const until = part === parts - 1 ? undefined : from + step;
      return {
        id: `${table.oid}:${from}`,
        table,
        where:
          `t.ctid >= '(${from},0)'::tid` +
          (until === undefined ? "" : ` AND t.ctid < '(${until},0)'::tid`),
        isAlone: false,
        bytes: table.bytes / parts,
        rows: table.rows / parts,
      };
    });
  });
  return units.toSorted((a, b) => b.bytes - a.bytes);
}
