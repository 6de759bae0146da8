/** What the options of the command line mean. */
import { PgwrightError } from "../errors.ts";

const moment =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?:Z|([+-])(\d\d)(?::?(\d\d))?))?$/;

/**
 * A date, or a time with its offset from UTC (`Z`, `+02`, `+02:00`), in seconds since 1970 UTC;
 * undefined for other texts and for days that no calendar has. Date.parse makes 2 March of 30 February.
 */
export function readMoment(text: string): number | undefined {
  const parts = moment.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second, offsetHour, offsetMinute] = [
    1, 2, 3, 4, 5, 6, 8, 9,
  ].map((at) => Number(parts[at] ?? 0)) as [number, ...number[]];
  const date = new Date(0);
  date.setUTCFullYear(year, (month ?? 0) - 1, day);
  const isDay = date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  const isClock = (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
  const isOffset = (offsetHour ?? 0) < 16 && (offsetMinute ?? 0) < 60;
  if (!isDay || !isClock || !isOffset) return undefined;
  const clock = (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  const offset = (parts[7] === "-" ? -60 : 60) * ((offsetHour ?? 0) * 60 + (offsetMinute ?? 0));
  return date.getTime() / 1000 + clock - offset;
}

/**
 * `--as-of`, in seconds since 1970 UTC.
 *
 * @throws PgwrightError `usage`.
 */
export function readReferenceDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "now") return Math.floor(Date.now() / 1000);
  const time = readMoment(text);
  if (time !== undefined) return time;
  throw new PgwrightError("usage", `--as-of ${text} is neither a date nor \`now\``, {
    hint: "write 2026-01-31, 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+02",
  });
}

/** @throws PgwrightError `usage` for options that contradict each other. */
export function refuseBoth({ append, truncate }: { append: boolean; truncate: boolean }): void {
  if (!append || !truncate) return;
  throw new PgwrightError("usage", "--append keeps the rows that --truncate removes; choose one");
}
