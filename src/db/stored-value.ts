/** Questions to a value as it is stored, which SQL's own operators answer otherwise for some types. */

/**
 * SQL that is true where there is a value. `IS NOT NULL` is false for a composite with a NULL in any
 * field. Against a NULL written as such the parser makes one NullTest of IS DISTINCT FROM, with
 * `argisrow` false: of other types the server sees no difference, and an index serves both alike.
 */
export function hasValue(value: string): string {
  return `${value} is distinct from null`;
}

/** The opposite of `hasValue`; `IS NULL` is true for a composite of nothing but NULLs. */
export function hasNoValue(value: string): string {
  return `${value} is not distinct from null`;
}

/**
 * SQL of a value's text to be compared byte by byte. A text keeps the collation of its column through
 * a cast, out of an array too, and under a non-deterministic one 'Ann' equals 'ann', with one hash.
 */
export function storedText(value: string): string {
  return bytewise(`${value}::text`);
}

/** The same of what is a text already; COLLATE binds closer than any operator but `::`. */
export function bytewise(text: string): string {
  return `${text} collate pg_catalog."C"`;
}
