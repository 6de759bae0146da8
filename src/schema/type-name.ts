/** Names of types and collations, made short: `varchar(20)`, `timestamptz`, `COLLATE "C"`. */
import { ident, qualified } from "../db/identifier.ts";

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

/** `COLLATE x`; PostgreSQL's own collations are found without their schema. */
export function collate([schema, name]: readonly [schema: string, name: string]): string {
  return `COLLATE ${schema === "pg_catalog" ? ident(name) : qualified(schema, name)}`;
}
