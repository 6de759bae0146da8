/** Where the filled partition ends, and which empty ones follow. */
import { literal } from "../../../db/identifier.ts";
import type { Every, Period } from "../periods.ts";
import { formatInstant, periodsBetween, shiftInstant } from "../periods.ts";
import type { Span } from "../span.ts";

/** Column types that a range of time can be cut by. */
export const keyTypes = [
  "date",
  "timestamp without time zone",
  "timestamp with time zone",
  "uuid",
] as const;

export type KeyType = (typeof keyTypes)[number];

export interface Bounds {
  /** The first value that the filled partition does not hold, as SQL. */
  readonly end: string;
  /** The same as people read it: "2027-01-01 00:00:00+00:00". */
  readonly endShown: string;
  /** The migration must be applied before: "2026-12-31 00:00:00+00:00". */
  readonly deadline: string;
  readonly leaves: readonly LeafBounds[];
}

export interface LeafBounds {
  readonly suffix: string;
  /** Bounds as SQL. */
  readonly from: string;
  readonly to: string;
}

const dayMs = 86_400_000;

// Between writing and applying lie a review, a release and a quiet night.
const slack: Span = { amount: 30, unit: "d" };

/**
 * The filled partition ends with the first period that is whole at least 30 days from now; rows go on
 * arriving in it until then. A day before that is the deadline: an index built concurrently on a
 * large table takes hours, and meanwhile the CHECK must not refuse the rows of the day.
 *
 * Leaves reach from there to the horizon, at least one.
 */
export function planBounds(
  options: { every: Every; timeZone: string; horizon: Span; type: KeyType },
  now: Date,
): Bounds {
  const { every, timeZone, horizon, type } = options;
  const applied = shiftInstant(timeZone, now, slack, 1);
  const last = periodsBetween(every, timeZone, now, applied).at(-1);
  if (!last) throw new RangeError(`no ${every} of ${timeZone} lies at ${applied.toISOString()}`);
  const end = new Date(last.toMs);
  const ahead = shiftInstant(timeZone, now, horizon, 1);
  const periods = periodsBetween(every, timeZone, end, ahead > end ? ahead : end);
  return {
    end: boundOf(type, last, "to"),
    endShown: last.to,
    deadline: formatInstant(timeZone, last.toMs - dayMs),
    leaves: periods.map((period) => ({
      suffix: period.suffix,
      from: boundOf(type, period, "from"),
      to: boundOf(type, period, "to"),
    })),
  };
}

function boundOf(type: KeyType, period: Period, side: "from" | "to"): string {
  switch (type) {
    case "uuid":
      return literal(firstUuid(side === "from" ? period.fromMs : period.toMs));
    case "timestamp with time zone":
      return literal(period[side]);
    default:
      return literal(side === "from" ? period.fromDate : period.toDate);
  }
}

/** The lowest UUID of version 7 that can be made at this millisecond, by its 48 bits of time. */
function firstUuid(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
