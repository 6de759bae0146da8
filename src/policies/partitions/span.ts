/** Lengths of time on the calendar: `90d`, `12w`, `24mo`, `2y`. A month is no fixed number of days. */

export type SpanUnit = "d" | "w" | "mo" | "y";

export interface Span {
  readonly amount: number;
  readonly unit: SpanUnit;
}

/** A pattern for editors; parseSpan() is the rule. */
export const spanPattern = "^[1-9][0-9]*(d|w|mo|y)$";

// 200 years: beyond that a typing error is more likely than a wish, and four digits hold the year.
const longest: Record<SpanUnit, number> = { d: 73_000, w: 10_400, mo: 2_400, y: 200 };

/** A span, or what is wrong with the text in words that follow it. */
export function parseSpan(text: string): Span | { readonly mistake: string } {
  const match = /^([0-9]+) ?([A-Za-z]*)$/.exec(text);
  const [, digits = "", word = ""] = match ?? [];
  if (match === null) return { mistake: "is not a length of time; write 90d, 12w, 24mo or 2y" };
  if (word === "") return { mistake: `needs a unit; write ${digits}d, ${digits}w or ${digits}mo` };
  if (word !== "d" && word !== "w" && word !== "mo" && word !== "y") {
    const hint = word === "m" ? `; months are ${digits}mo` : "; units are d, w, mo and y";
    return { mistake: `has the unknown unit \`${word}\`${hint}` };
  }
  const amount = Number(digits);
  if (amount === 0) return { mistake: "must be longer than nothing" };
  if (amount > longest[word]) return { mistake: "is longer than 200 years" };
  return { amount, unit: word };
}

/** "90 days", "1 month". */
export function describeSpan({ amount, unit }: Span): string {
  const word = { d: "day", w: "week", mo: "month", y: "year" }[unit];
  return `${amount} ${word}${amount === 1 ? "" : "s"}`;
}
