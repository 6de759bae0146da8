/** What the options of the command line mean. */
import { PgwrightError } from "../errors.ts";

/**
 * `--as-of`, in seconds since 1970 UTC.
 *
 * @throws PgwrightError `usage`.
 */
export function readReferenceDate(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "now") return Math.floor(Date.now() / 1000);
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return Math.floor(time / 1000);
  throw new PgwrightError("usage", `--as-of ${text} is neither a date nor \`now\``, {
    hint: "write 2026-01-31 or 2026-01-31T12:00:00Z",
  });
}

/** @throws PgwrightError `usage` for options that contradict each other. */
export function refuseBoth({ append, truncate }: { append: boolean; truncate: boolean }): void {
  if (!append || !truncate) return;
  throw new PgwrightError("usage", "--append keeps the rows that --truncate removes; choose one");
}
