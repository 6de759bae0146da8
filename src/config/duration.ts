/** Durations as PostgreSQL writes them: `500ms`, `1s`, `2min`, `1h`, and `0` for "no limit". */

const milliseconds: Record<string, number> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

// lock_timeout and statement_timeout are 32-bit integers of milliseconds.
const longest = 2_147_483_647;

/** A pattern for editors; parseDuration() is the rule. */
export const durationPattern = "^(0|[0-9]+([.][0-9]+)? ?(ms|s|min|h|d))$";

/** Milliseconds, or what is wrong with the text in words that follow it. */
export function parseDuration(text: string): number | { readonly mistake: string } {
  if (text === "0") return 0;
  const match = /^([0-9]+(?:[.][0-9]+)?) ?([A-Za-z\u00b5]*)$/.exec(text);
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) {
    return { mistake: "is not a duration; write 500ms, 1s, 2min, 1h or 0" };
  }
  if (unit === "") {
    // PostgreSQL reads a bare number as milliseconds, people mean seconds.
    return { mistake: `needs a unit; write ${amount}ms or ${amount}s` };
  }
  const factor = milliseconds[unit];
  if (factor === undefined) {
    const hint = unit === "m" ? `; minutes are ${amount}min` : "; units are ms, s, min, h and d";
    return { mistake: `has the unknown unit \`${unit}\`${hint}` };
  }
  const total = Number(amount) * factor;
  if (total > longest) return { mistake: "is longer than PostgreSQL's limit of 24 days" };
  // Rounding down to 0 would turn a tiny limit into none.
  if (total > 0 && total < 1) return { mistake: "is shorter than a millisecond" };
  return Math.round(total);
}

/** The shortest exact form: 90000 is "90s", 120000 is "2min". */
export function formatDuration(duration: number): string {
  if (duration === 0) return "0";
  for (const unit of ["d", "h", "min", "s"]) {
    const amount = duration / (milliseconds[unit] ?? 1);
    if (Number.isInteger(amount)) return `${amount}${unit}`;
  }
  return `${duration}ms`;
}
