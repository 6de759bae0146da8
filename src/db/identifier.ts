/** Quoting of names and values for SQL that is built as text. */

// PostgreSQL lower-cases unquoted names, so only a name that survives this unchanged and is no
// key word may stand bare. Key words that are reserved in some position, from pg_get_keywords() of
// PostgreSQL 18 (catcode R, T and C); quoting one that an older server does not reserve is harmless.
const reserved = new Set(
  (
    "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit " +
    "boolean both case cast char character check coalesce collate collation column concurrently " +
    "constraint create cross current_catalog current_date current_role current_schema current_time " +
    "current_timestamp current_user dec decimal default deferrable desc distinct do else end except " +
    "exists extract false fetch float for foreign freeze from full grant greatest group grouping " +
    "having ilike in initially inner inout int integer intersect interval into is isnull join json " +
    "json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar " +
    "json_serialize json_table json_value lateral leading least left like limit localtime " +
    "localtimestamp merge_action national natural nchar none normalize not notnull null nullif " +
    "numeric offset on only or order out outer overlaps overlay placing position precision primary " +
    "real references returning right row select session_user setof similar smallint some substring " +
    "symmetric system_user table tablesample then time timestamp to trailing treat trim true union " +
    "unique user using values varchar variadic verbose when where window with xmlattributes " +
    "xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize " +
    "xmltable"
  ).split(" "),
);

/** A name as SQL, quoted only where PostgreSQL needs it: `users`, `"Order"`, `"user"`. */
export function ident(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name)
    ? name
    : `"${name.replaceAll('"', '""')}"`;
}

/** `schema.name`, each part quoted where needed. */
export function qualified(schema: string, name: string): string {
  return `${ident(schema)}.${ident(name)}`;
}

/**
 * A string as an SQL literal, right under either setting of standard_conforming_strings:
 * a backslash switches to the E'' form, as quote_literal() does. So do control characters other than
 * line feed and tab, which would steer the terminal that a script is read on. Null becomes NULL.
 *
 * @throws RangeError for a NUL character, which PostgreSQL text cannot hold.
 */
export function literal(value: string | null): string {
  if (value === null) return "NULL";
  if (value.includes("\0")) throw new RangeError("PostgreSQL text cannot hold a NUL character");
  const quoted = value
    .replaceAll("'", "''")
    .replaceAll("\\", "\\\\")
    .replaceAll(
      /(?![\n\t])\p{Cc}/gu,
      (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return quoted.includes("\\") ? `E'${quoted}'` : `'${quoted}'`;
}

/**
 * The parts of a name as SQL reads it: folded to lower case where bare, as written between double
 * quotes. Undefined for what is no name.
 */
export function splitName(text: string): string[] | undefined {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const match = /^(?:"((?:[^"]|"")+)"|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*))(\.|$)/.exec(
      rest,
    );
    if (!match) return undefined;
    const [whole, quoted, bare, end] = match;
    // PostgreSQL folds ASCII letters only, in a multi-byte encoding.
    parts.push(
      quoted?.replaceAll('""', '"') ??
        (bare ?? "").replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()),
    );
    if (end === "") return parts;
    rest = rest.slice(whole.length);
  }
}
