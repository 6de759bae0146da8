/** Which periods of a table have no partition yet, and which partitions are not periods. */
import type { Edge, KeyType, Slot } from "./axis.ts";
import { slotsBetween } from "./axis.ts";
import type { DeclaredRange } from "./declared.ts";
import type { MissingLeaf } from "./leaf.ts";
import { leafName, rangeBound, rangeCondition } from "./leaf.ts";
import { dateIn, shiftInstant, startOfDate } from "./periods.ts";
import { describeSpan } from "./span.ts";
import type { LeafState } from "./state.ts";

export interface RangeLeaf {
  readonly leaf: LeafState;
  readonly from: Edge;
  readonly to: Edge;
}

export interface RangeComparison {
  readonly missing: readonly MissingLeaf[];
  /** Bounds that are no bounds of declared periods. */
  readonly shifted: readonly RangeLeaf[];
  /** Without an upper end: it takes everything, and nothing can be added after it. */
  readonly endless: readonly RangeLeaf[];
  /** Older than the retention. */
  readonly due: readonly RangeLeaf[];
  /** Holes between the first partition and the last one. */
  readonly gaps: readonly { readonly from: Edge; readonly to: Edge }[];
  /** Days from now to the end of what is covered without a hole; 0 where now itself is not. */
  readonly daysLeft: number;
  /** Days from now that must be covered. */
  readonly daysWanted: number;
}

const dayMs = 86_400_000;

/**
 * Compares the partitions of a table by range with its declaration, as if it were `now`, and for
 * what is too old to keep as if it were `retiring`.
 *
 * A partition that covers only part of a period (after a change of `every` or of the time zone)
 * stays; the rest of the period becomes one of its own, so that there is never a hole.
 */
export function compareRange(
  declared: DeclaredRange,
  keyType: KeyType,
  leaves: readonly LeafState[],
  { now, retiring }: { readonly now: Date; readonly retiring: Date },
): RangeComparison {
  const wall = keyType === "date" || keyType === "timestamp";
  // A wall clock has no offset: its calendar is that of UTC, and only "now" depends on the zone.
  const calendar = wall ? { ...declared, timeZone: "UTC" } : declared;
  const { timeZone } = calendar;
  const dayOf = (date: Date) =>
    wall ? new Date(Date.parse(dateIn(declared.timeZone, date))) : date;
  const today = dayOf(now);
  const horizon = shiftInstant(timeZone, today, declared.horizon, 1);
  const ranges = leaves
    .flatMap((leaf): RangeLeaf[] =>
      leaf.limits.kind === "range" && !leaf.isDetaching
        ? [{ leaf, from: leaf.limits.from, to: leaf.limits.to }]
        : [],
    )
    .toSorted((one, other) => one.from.ms - other.from.ms);
  const cutoff = declared.retention
    ? shiftInstant(timeZone, dayOf(retiring), declared.retention.keep, -1).getTime()
    : -Infinity;
  const first = firstNeeded(calendar, ranges, today);
  const begin = new Date(Math.max(first.ms, Number.isFinite(cutoff) ? cutoff : -8e15));
  const slots = slotsBetween(calendar, keyType, begin, horizon).filter(({ to }) => to.ms > cutoff);
  const missing = slots.flatMap((slot) =>
    uncovered(slot, ranges, first.isExact ? -Infinity : first.ms).map((piece) =>
      describePiece(calendar, slot, piece, ranges, leaves),
    ),
  );
  const left = Math.max(0, coveredUntil(ranges, today.getTime()) - today.getTime());
  return {
    missing,
    shifted: ranges.filter((range) => isShifted(calendar, keyType, range)),
    endless: ranges.filter(({ to }) => to.ms === Infinity),
    due: ranges.filter(({ to }) => to.ms <= cutoff),
    gaps: findGaps(ranges),
    daysLeft: Math.floor(left / dayMs),
    daysWanted: Math.round((horizon.getTime() - today.getTime()) / dayMs),
  };
}

/** Where partitions must begin; `isExact` when that is said, else it is where they do begin. */
function firstNeeded(
  { start, timeZone }: DeclaredRange,
  ranges: readonly RangeLeaf[],
  today: Date,
): { ms: number; isExact: boolean } {
  if (start !== undefined) return { ms: startOfDate(timeZone, start).getTime(), isExact: true };
  const [oldest] = ranges;
  if (!oldest) return { ms: today.getTime(), isExact: true };
  const from = Number.isFinite(oldest.from.ms) ? oldest.from.ms : oldest.to.ms;
  // A first partition in the future (or one without any end) says nothing about today.
  return from < today.getTime()
    ? { ms: from, isExact: false }
    : { ms: today.getTime(), isExact: true };
}

interface Piece {
  readonly from: Edge;
  readonly to: Edge;
}

/** The parts of a period that no partition covers, from `floor` on. */
function uncovered(slot: Slot, ranges: readonly RangeLeaf[], floor: number): Piece[] {
  const pieces: Piece[] = [];
  let from = slot.from;
  for (const range of ranges) {
    if (range.to.ms <= from.ms || range.from.ms >= slot.to.ms) continue;
    if (range.from.ms > from.ms) pieces.push({ from, to: range.from });
    from = range.to;
  }
  if (from.ms < slot.to.ms) pieces.push({ from, to: slot.to });
  return pieces.filter((piece) => piece.from.ms >= floor);
}

function describePiece(
  declared: DeclaredRange,
  slot: Slot,
  { from, to }: Piece,
  ranges: readonly RangeLeaf[],
  leaves: readonly LeafState[],
): MissingLeaf {
  const { table, column } = declared;
  const name = leafName(table, slot.suffix);
  // Only a drain leaves a period half covered, and only a default partition is drained.
  const hasDefault = leaves.some(({ isDefault }) => isDefault);
  const begun = ranges.find(
    (range) =>
      hasDefault &&
      range.leaf.name === name &&
      range.from.ms === slot.from.ms &&
      range.to.ms === from.ms &&
      to.ms === slot.to.ms,
  );
  const isLast = ranges.every((range) => range.from.ms < from.ms);
  return {
    name: begun?.leaf.name ?? freeName(table, slot.suffix, leaves),
    bound: rangeBound(begun?.from ?? from, to),
    belongs: rangeCondition(column, from, to),
    why: isLast
      ? `partitions must exist ${describeSpan(declared.horizon)} ahead`
      : "there is a hole between two partitions",
    range: { from: begun?.from ?? from, to },
    grows: begun?.leaf ?? null,
  };
}

/** A partition of that name holds another part of the period. */
function freeName(table: string, suffix: string, leaves: readonly LeafState[]): string {
  const taken = new Set(leaves.map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = leafName(table, number === 1 ? suffix : `${suffix}_${number}`);
    if (!taken.has(name)) return name;
  }
}

/** The end of what is covered from `now` on without a hole. */
function coveredUntil(ranges: readonly RangeLeaf[], now: number): number {
  let end = now;
  for (const { from, to } of ranges) if (from.ms <= end && to.ms > end) end = to.ms;
  return end;
}

function findGaps(ranges: readonly RangeLeaf[]): { from: Edge; to: Edge }[] {
  return ranges.slice(1).flatMap(({ from }, i) => {
    const before = ranges[i];
    return before && before.to.ms < from.ms ? [{ from: before.to, to: from }] : [];
  });
}

/** A partition may hold several periods (an adopted table does); its ends must be ends of periods. */
function isShifted(declared: DeclaredRange, keyType: KeyType, { from, to }: RangeLeaf): boolean {
  return [from, to].some((edge) => {
    if (!Number.isFinite(edge.ms)) return false;
    const at = new Date(edge.ms);
    return slotsBetween(declared, keyType, at, at)[0]?.from.ms !== edge.ms;
  });
}
