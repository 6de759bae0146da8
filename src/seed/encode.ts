/** Rows in the text format of COPY. */

const special = /[\\\b\f\n\r\t\v]/;
const escapes: Record<string, string> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** True for a text that COPY reads as it stands. */
export function isPlain(text: string): boolean {
  return !special.test(text);
}

/** One value; null is `\N`. */
export function encode(value: string | null): string {
  if (value === null) return "\\N";
  return special.test(value)
    ? value.replaceAll(/[\\\b\f\n\r\t\v]/g, (one) => escapes[one] ?? one)
    : value;
}
