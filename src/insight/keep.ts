/** What `--keep` says of how many snapshots the table keeps. */
import { PgwrightError } from "../errors.ts";
import { parseAge } from "./age.ts";
import type { Keep } from "./snapshot-table.ts";

// Six weeks of hours. One of 500 statements takes about 100 kB.
const usual = 1000;

/** @throws PgwrightError `usage`. */
export function parseKeep(text: string | undefined): Keep {
  if (text === undefined) return { count: usual, ageMs: null };
  if (/^[1-9][0-9]{0,8}$/.test(text)) return { count: Number(text), ageMs: null };
  const age = parseAge(text);
  if (age !== undefined && age > 0) return { count: null, ageMs: age };
  throw new PgwrightError("usage", `\`--keep ${text}\` is neither a number nor an age`, {
    hint: "`--keep 500` or `--keep 30d`",
  });
}
