/**
 * The calendar of range partitions: days, ISO weeks, months and years in a time zone, as pure
 * calculation. Bounds carry their offset from UTC, so they mean the same instant whatever TimeZone
 * the session has; a bare '2025-01-01' would be cut at another place by another session.
 */
import type { Span } from "./span.ts";

export const periodKinds = ["day", "week", "month", "year"] as const;

export type Every = (typeof periodKinds)[number];

export interface Period {
  /** First instant, as the text of a timestamptz with offset: "2024-03-31 00:00:00+01:00". */
  readonly from: string;
  /** First instant that no longer belongs to it. */
  readonly to: string;
  /** What is added to the table's name: `2024_01_15`, `2024_w05`, `2024_01`, `2024`. */
  readonly suffix: string;
  /** The same bounds as local dates, "2024-03-31": those of a `date` or `timestamp` column. */
  readonly fromDate: string;
  readonly toDate: string;
  /** The same bounds in milliseconds since 1970 (UTC). */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A day of the calendar, as the milliseconds of its midnight if it were in UTC. */
type LocalDay = number;

const dayMs = 86_400_000;

/**
 * The periods from the one that holds `from` to the one that holds `to`, without a gap.
 *
 * A day that a time zone left out altogether (Samoa, 30 December 2011) gives no period.
 *
 * @throws RangeError for a time zone that is not known.
 */
export function periodsBetween(every: Every, timeZone: string, from: Date, to: Date): Period[] {
  const periods: Period[] = [];
  const last = startOfPeriod(every, localDay(timeZone, to.getTime()));
  for (let day = startOfPeriod(every, localDay(timeZone, from.getTime())); day <= last;) {
    const next = nextStart(every, day);
    const fromMs = instantOf(timeZone, day);
    const toMs = instantOf(timeZone, next);
    if (fromMs < toMs) {
      periods.push({
        from: formatInstant(timeZone, fromMs),
        to: formatInstant(timeZone, toMs),
        suffix: suffixOf(every, day),
        fromDate: dateOf(day),
        toDate: dateOf(next),
        fromMs,
        toMs,
      });
    }
    day = next;
  }
  return periods;
}

/** The instant a span after `from` on the local calendar; before it with `direction` -1. */
export function shiftInstant(timeZone: string, from: Date, span: Span, direction: 1 | -1): Date {
  const day = localDay(timeZone, from.getTime());
  const timeOfDay = from.getTime() - instantOf(timeZone, day);
  return new Date(instantOf(timeZone, shiftDay(day, span, direction)) + timeOfDay);
}

/** Midnight of a date "2024-01-15" in a time zone. @throws RangeError for no date. */
export function startOfDate(timeZone: string, date: string): Date {
  const day = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(day) || dateOf(day) !== date) {
    throw new RangeError(`${date} is no date of the calendar`);
  }
  return new Date(instantOf(timeZone, day));
}

/** The local date of an instant, "2024-01-15". */
export function dateIn(timeZone: string, instant: Date): string {
  return dateOf(localDay(timeZone, instant.getTime()));
}

/** The instant as local time with its offset: "2024-03-31 00:00:00+01:00". */
export function formatInstant(timeZone: string, ms: number): string {
  const offset = offsetAt(timeZone, ms);
  const local = new Date(ms + offset).toISOString().slice(0, 19).replace("T", " ");
  return `${local}${formatOffset(offset)}`;
}

/** True for a name that both PostgreSQL and this runtime may know: one of IANA, no bare offset. */
export function isTimeZone(name: string): boolean {
  // "+02" is a time zone to Intl; to PostgreSQL it is POSIX and means two hours *west*.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    // Intl says so only by throwing.
    return false;
  }
}

function startOfPeriod(every: Every, day: LocalDay): LocalDay {
  const date = new Date(day);
  switch (every) {
    case "day":
      return day;
    case "week":
      return day - ((date.getUTCDay() + 6) % 7) * dayMs;
    case "month":
      return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
    case "year":
      return Date.UTC(date.getUTCFullYear(), 0, 1);
  }
}

function nextStart(every: Every, day: LocalDay): LocalDay {
  const unit = { day: "d", week: "w", month: "mo", year: "y" } as const;
  return shiftDay(day, { amount: 1, unit: unit[every] }, 1);
}

/** The 31st goes to the last day of a shorter month, as PostgreSQL's intervals do. */
function shiftDay(day: LocalDay, { amount, unit }: Span, direction: 1 | -1): LocalDay {
  const steps = amount * direction;
  if (unit === "d") return day + steps * dayMs;
  if (unit === "w") return day + steps * 7 * dayMs;
  const date = new Date(day);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + steps * (unit === "y" ? 12 : 1);
  const [year, month] = [Math.floor(months / 12), ((months % 12) + 12) % 12];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay));
}

function suffixOf(every: Every, day: LocalDay): string {
  const date = dateOf(day);
  if (every === "day") return date.replaceAll("-", "_");
  if (every === "month") return date.slice(0, 7).replace("-", "_");
  if (every === "year") return date.slice(0, 4);
  // An ISO week belongs to the year of its Thursday.
  const thursday = new Date(day + 3 * dayMs);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * dayMs)) + 1;
  return `${String(year).padStart(4, "0")}_w${String(week).padStart(2, "0")}`;
}

function dateOf(day: LocalDay): string {
  return new Date(day).toISOString().slice(0, 10);
}

function localDay(timeZone: string, ms: number): LocalDay {
  return Math.floor((ms + offsetAt(timeZone, ms)) / dayMs) * dayMs;
}

/**
 * The instant of a local midnight. Where the clock is put forward over it, it is the moment of that
 * change; where it comes twice, the second one: both as PostgreSQL reads such a time
 * (DetermineTimeZoneOffset in datetime.c), so bounds written by hand are the same.
 */
function instantOf(timeZone: string, day: LocalDay): number {
  const before = offsetAt(timeZone, day - dayMs);
  const after = offsetAt(timeZone, day + dayMs);
  const isRight = (offset: number) => offsetAt(timeZone, day - offset) === offset;
  return day - (before === after || !isRight(after) ? before : after);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Local time minus UTC in milliseconds at an instant. */
function offsetAt(timeZone: string, ms: number): number {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(timeZone, formatter);
  }
  const parts = new Map(formatter.formatToParts(ms).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
  const local = Date.UTC(
    part("year"),
    part("month") - 1,
    part("day"),
    part("hour"),
    part("minute"),
    part("second"),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

/** "+01:00"; with seconds for the local mean times of the nineteenth century. */
function formatOffset(offset: number): string {
  const seconds = Math.abs(offset) / 1000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const rest = seconds % 60 === 0 ? "" : `:${two(seconds % 60)}`;
  return `${offset < 0 ? "-" : "+"}${two(seconds / 3600)}:${two((seconds % 3600) / 60)}${rest}`;
}
