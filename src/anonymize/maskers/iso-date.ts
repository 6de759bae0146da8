/** Dates that stand in texts: `2024-02-29`, `2024-02-29T12:00:00+00:00`. */

/** A regular expression of a text that begins with a date. */
export const isoDate = "^(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![0-9])";

/** SQL of the date that a text begins with; a day that the month does not have is one of the next. */
export function dateOf(text: string): string {
  return `(make_date(substr(${text}, 1, 4)::int, substr(${text}, 6, 2)::int, 1) + substr(${text}, 9, 2)::int - 1)`;
}

/** SQL of the same text so many days earlier. */
export function shiftedText(text: string, days: string): string {
  return `(to_char(greatest(${dateOf(text)} - ${days}, '0001-01-01'), 'YYYY-MM-DD') || substr(${text}, 11))`;
}
