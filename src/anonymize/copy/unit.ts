/** Tables cut into pieces of work. */
import { asTids, type RowsByTable } from "../subset/root.ts";
import { type CopyTable, maskedColumns } from "./table.ts";

const blockBytes = 8192;

/** SQL over the alias `t`; undefined: all rows. */
export type Part = string | undefined;

/** Rows of one table that come in one transaction. */
export interface Unit {
  /** The same for the same rows of a source that has not moved. */
  readonly id: string;
  readonly table: CopyTable;
  /** What is read by a COPY of its own, at once where there are several. */
  readonly parts: readonly Part[];
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
 * lost with one. Less where few tables hold most rows: two units for each worker keep all processors
 * busy, where a single stream waits for the slower of its two servers.
 */
export function unitBytesFor(tables: readonly CopyTable[], jobs: number): number {
  const bytes = tables.reduce((sum, table) => sum + table.blocks * blockBytes, 0);
  return Math.min(mostBytes, Math.max(leastBytes, bytes / (jobs * 2)));
}

/**
 * Masked tables up to this size are read in parts and written as one: masks take two to four times as
 * long as writing does, and a table that one transaction fills can be frozen. Larger ones are written in units
 * that commit on their own, so that a run that goes on does not begin with them again.
 */
const mostTogether = 2 ** 31;

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
        parts: [`t.ctid = ANY ('${asTids(own)}'::tid[])`],
        isAlone: parts === 1 && table.into === table.id,
        bytes: (table.bytes * own.length) / Math.max(table.rows, own.length),
        rows: own.length,
      };
    });
  });
  return units.toSorted((a, b) => b.bytes - a.bytes);
}

export interface UnitSize {
  /** Of a heap, at most in one part. */
  readonly bytes: number;
  /** The target takes what several sessions read as one COPY. */
  readonly merges: boolean;
}

/**
 * One part per table, more where it is larger: ranges of ctid, which PostgreSQL reads without
 * reading what is before (TID range scans, since 14). The largest first, so that no worker begins
 * with it when the others are done.
 */
export function planUnits(tables: readonly CopyTable[], { bytes, merges }: UnitSize): Unit[] {
  const writers = new Map<string, number>();
  for (const { into } of tables) writers.set(into, (writers.get(into) ?? 0) + 1);
  const units = tables.flatMap((table): Unit[] => {
    const parts = rangesOf(table, Math.max(1, Math.floor(bytes / blockBytes)));
    const isOnlyWriter = table.into === table.id && writers.get(table.into) === 1;
    const isTogether =
      merges && isOnlyWriter && table.bytes <= mostTogether && maskedColumns(table).length > 0;
    if (parts.length === 1 || isTogether) {
      const { oid, bytes, rows } = table;
      return [{ id: String(oid), table, parts, isAlone: isOnlyWriter, bytes, rows }];
    }
    return parts.map((part, n) => ({
      id: `${table.oid}:${n}`,
      table,
      parts: [part],
      isAlone: false,
      bytes: table.bytes / parts.length,
      rows: table.rows / parts.length,
    }));
  });
  return units.toSorted((a, b) => b.bytes - a.bytes);
}

function rangesOf({ isHeap, blocks }: CopyTable, step: number): Part[] {
  // Half a part more is no reason to cut.
  if (!isHeap || blocks <= step * 1.5) return [undefined];
  const count = Math.ceil(blocks / step);
  return Array.from({ length: count }, (_, part) => {
    const from = part * step;
    // The last one is open: all that the snapshot sees, whatever the file's length was.
    const until = part === count - 1 ? "" : ` AND t.ctid < '(${from + step},0)'::tid`;
    return `t.ctid >= '(${from},0)'::tid${until}`;
  });
}
