/** How long things of test databases last, in milliseconds. */
import { parseDuration } from "../config/duration.ts";
import { PgwrightError } from "../errors.ts";

/** How long a template is kept after its last use; building one again takes seconds. */
export const templateTtlMs = 24 * 3_600_000;

/** Lease of a template that is being built, renewed while its builder is alive. */
export const draftTtlMs = 5 * 60_000;

/** How often a lease is renewed in its time: twice it may fail and nothing is lost. */
export const renewalsPerLease = 3;

/** Milliseconds of "20min". @throws PgwrightError `usage`, for less than a second as well. */
export function readTtl(text: string): number {
  const duration = parseDuration(text);
  if (typeof duration === "number" && duration >= 1000) return duration;
  const mistake = typeof duration === "number" ? "is shorter than a second" : duration.mistake;
  throw new PgwrightError("usage", `the time of a lease, ${text}, ${mistake}`, {
    hint: "such as 90s, 20min, 1h",
  });
}
