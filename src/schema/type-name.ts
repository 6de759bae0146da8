/** How format_type() spells types, made short: `varchar(20)`, `timestamptz`. */

// Names that format_type() spells out without a schema; a type of a user is always qualified there,
// because nothing but pg_catalog is on the search path.
const shortNames: readonly (readonly [RegExp, string])[] = [
  [/^character varying(?=$|\(|\[)/, "varchar"],
  [/^character(?=\()/, "char"],
  [/^bit varying(?=$|\(|\[)/, "varbit"],
  [/^timestamp(\(\d\))? with time zone/, "timestamptz$1"],
  [/^timestamp(\(\d\))? without time zone/, "timestamp$1"],
  [/^time(\(\d\))? with time zone/, "timetz$1"],
  [/^time(\(\d\))? without time zone/, "time$1"],
];

/** The short spelling of a type as format_type() gave it; means the same type. */
export function shortType(formatted: string): string {
  for (const [long, short] of shortNames) {
    if (long.test(formatted)) return formatted.replace(long, short);
  }
  return formatted;
}
