/**
 * The line on which the bounds of one range-partitioned table lie, in milliseconds: instants for
 * timestamptz and uuid (v7), the wall clock for date and timestamp, which know no time zone.
 */
import { literal } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Period } from "./periods.ts";
import { dateIn, periodsBetween } from "./periods.ts";
import type { DeclaredRange } from "./declared.ts";

export const keyTypes = ["timestamptz", "timestamp", "date", "uuid"] as const;

export type KeyType = (typeof keyTypes)[number];

/** A place on the line. */
export interface Edge {
  /** ±Infinity for MINVALUE, MAXVALUE and the infinite dates; may have a fraction. */
  readonly ms: number;
  /** As a value of the column's type, always with an offset where the type has one. */
  readonly text: string;
}

export interface Slot {
  readonly from: Edge;
  readonly to: Edge;
  readonly suffix: string;
}

/** True for a type of column that can be divided by time. */
export function isKeyType(type: string | null): type is KeyType {
  return keyTypes.some((known) => known === type);
}

/** The periods that hold `from`, `to` and what is between them, on the line of this type. */
export function slotsBetween(declared: DeclaredRange, type: KeyType, from: Date, to: Date): Slot[] {
  return periodsBetween(declared.every, declared.timeZone, from, to).map((period) => ({
    from: edgeOf(period, "from", type),
    to: edgeOf(period, "to", type),
    suffix: period.suffix,
  }));
}

/** Where an instant is on the line. */
export function placeOf(declared: DeclaredRange, type: KeyType, instant: Date): number {
  const isWall = type === "date" || type === "timestamp";
  return isWall ? Date.parse(dateIn(declared.timeZone, instant)) : instant.getTime();
}

function edgeOf(period: Period, side: "from" | "to", type: KeyType): Edge {
  const date = side === "from" ? period.fromDate : period.toDate;
  switch (type) {
    case "date":
      return { ms: Date.parse(date), text: date };
    case "timestamp":
      return { ms: Date.parse(date), text: `${date} 00:00:00` };
    case "timestamptz":
      return side === "from"
        ? { ms: period.fromMs, text: period.from }
        : { ms: period.toMs, text: period.to };
    case "uuid": {
      const ms = side === "from" ? period.fromMs : period.toMs;
      return { ms, text: lowestUuid(ms) };
    }
  }
}

/** Below every UUIDv7 of this millisecond and above every one before: its first 48 bits are the time. */
export function lowestUuid(ms: number): string {
  const hex = `${Math.max(0, ms).toString(16).padStart(12, "0")}${"0".repeat(20)}`;
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The instant of a UUIDv7 in milliseconds; with a fraction where it is not the first of its instant. */
export function timeOfUuid(uuid: string): number {
  const hex = uuid.replaceAll("-", "");
  return Number.parseInt(hex.slice(0, 12), 16) + (/^0+$/.test(hex.slice(12)) ? 0 : 0.5);
}

/** Reads values of the column's type, as the catalog writes them, in the words of the server. */
export async function readEdges(
  session: Session,
  type: KeyType,
  texts: readonly string[],
): Promise<ReadonlyMap<string, Edge>> {
  if (type === "uuid") return new Map(texts.map((text) => [text, { ms: timeOfUuid(text), text }]));
  const wall =
    type === "timestamptz" ? `v.value::timestamptz at time zone 'UTC'` : `v.value::${type}`;
  const format = type === "date" ? "YYYY-MM-DD" : "YYYY-MM-DD HH24:MI:SS.US";
  const offset = type === "timestamptz" ? "+00" : "";
  const rows = await session.query<{ value: string; ms: number; text: string | null }>(
    `select v.value, (extract(epoch from v.value::${type}) * 1000)::float8 as ms,
            to_char((${wall})::timestamp, ${literal(format)}) || ${literal(offset)} as text
     from json_array_elements_text($1::text::json) v`,
    [JSON.stringify(texts)],
  );
  return new Map(rows.map(({ value, ms, text }) => [value, { ms, text: text ?? value }]));
}
