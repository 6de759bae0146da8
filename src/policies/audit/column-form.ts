/**
 * How the values of a column are compared and written down, so that no change is missed and the
 * value can be had back exactly.
 *
 * In the log, JSON null is NULL and a JSON string is the text that the type's input function reads;
 * a number, boolean, array or object stands for itself.
 */
import { ident, literal } from "../../db/identifier.ts";
import { bytewise, hasNoValue, hasValue, storedText } from "../../db/stored-value.ts";

export interface AuditColumn {
  /** `attnum`: stays the same when the column is renamed. */
  readonly number: number;
  readonly name: string;
  /** As written in a cast, with schema and length: `character varying(20)`. */
  readonly type: string;
  /** Below any domains, without its length: `pg_catalog.text`. */
  readonly baseType: string;
  /** `pg_type.typtype` of the base type. */
  readonly kind: string;
  /** Base type of an array's elements, `enum` for any of those. */
  readonly element: string | null;
  /** As SQL; null where it is the default or there is none. */
  readonly collation: string | null;
  /** Equal only when the bytes are; a nondeterministic collation may ignore case. */
  readonly isDeterministic: boolean;
  readonly isNotNull: boolean;
  readonly hasDefault: boolean;
  readonly isGenerated: boolean;
  readonly isIdentity: boolean;
}

type Encoding = "natural" | "float" | "jsonb" | "array" | "text";

/** A setting that decides how the type's output function writes a value. */
export type OutputSetting = "datestyle" | "intervalstyle" | "extra_float_digits" | "lc_monetary";

/** What each setting must be while values are written or read. */
export const outputSettings: Readonly<Record<OutputSetting, string>> = {
  datestyle: "'ISO, YMD'",
  intervalstyle: "postgres",
  extra_float_digits: "1",
  lc_monetary: "'C'",
};

const inCatalog = (names: string) =>
  new Set(names.split(" ").map((name) => (name === "enum" ? name : `pg_catalog.${name}`)));

// `=` of these is true only for values that are the same in every byte, and to_jsonb() writes what
// their input function reads.
const exact = inCatalog(
  "bool int2 int4 int8 oid uuid text varchar name date timestamp timestamptz time timetz bytea " +
    "inet cidr macaddr macaddr8 bit varbit enum",
);

// `=` is blind to something (scale, padding, 1 day = 24 hours), but to_jsonb() is not.
const natural = inCatalog("numeric bpchar interval");

const floats = inCatalog("float4 float8");

// Elements whose array is the same array again after having been JSON.
const elements = inCatalog(
  "bool int2 int4 int8 oid uuid text varchar date timestamp timestamptz numeric inet enum",
);

// Written the same under every setting.
const steady = inCatalog("json xml tsvector tsquery jsonpath pg_lsn xid xid8 txid_snapshot");

function encodingOf(column: AuditColumn): Encoding {
  if (isExact(column) || natural.has(column.baseType)) return "natural";
  if (exact.has(column.baseType)) return "natural";
  if (floats.has(column.baseType)) return "float";
  if (column.baseType === "pg_catalog.jsonb") return "jsonb";
  if (column.element !== null && elements.has(column.element)) return "array";
  return "text";
}

/** The condition that `old` and `new` differ; never NULL, never an error. */
export function differs(column: AuditColumn): string {
  const name = ident(column.name);
  // json, xml and point have no `=` at all; citext, numeric and char(n) call different things equal.
  return isExact(column)
    ? `old.${name} is distinct from new.${name}`
    : `record_image_ne(row(old.${name}), row(new.${name}))`;
}

/** The value as it goes into jsonb_build_object(); `value` is SQL. */
export function encode(column: AuditColumn, value: string): string {
  switch (encodingOf(column)) {
    case "natural":
      return value;
    case "float":
      // JSON has no negative zero.
      return `case when ${value} = 0 then to_jsonb(${value}::text) else to_jsonb(${value}) end`;
    case "jsonb":
      // JSON's null must not become NULL, nor a string what it says.
      return `case when jsonb_typeof(${value}) in ('null', 'string') then to_jsonb(${value}::text) else ${value} end`;
    case "array":
      // JSON knows neither lower bounds ([0:2]={…}) nor which dimensions an array has.
      return `case when array_lower(${value}, 1) <> 1 or array_ndims(${value}) > 1 then to_jsonb(${value}::text) else to_jsonb(${value}) end`;
    case "text":
      return `${value}::text`;
  }
}

/** A key column as text that does not depend on any setting. */
export function encodeKey(column: AuditColumn, value: string): string {
  switch (column.baseType) {
    case "pg_catalog.timestamptz":
      return `case when isfinite(${value}) then (to_jsonb(${value} at time zone 'UTC') #>> '{}') || '+00:00' else ${value}::text end`;
    case "pg_catalog.date":
    case "pg_catalog.timestamp":
      return `to_jsonb(${value}) #>> '{}'`;
    default:
      return `${value}::text`;
  }
}

const keyNumbers = inCatalog("bool int2 int4 int8 oid");

/** A key column among the values: its text is that of `encodeKey`, numbers are JSON's. */
export function encodeKeyValue(column: AuditColumn, value: string): string {
  return keyNumbers.has(column.baseType) ? value : encodeKey(column, value);
}

/** Settings that the column's text depends on. */
export function settingsOf(column: AuditColumn): readonly OutputSetting[] {
  if (column.baseType === "pg_catalog.interval") return ["intervalstyle"];
  switch (encodingOf(column)) {
    case "natural":
    case "jsonb":
    case "array":
      return [];
    case "float":
      return ["extra_float_digits"];
    case "text":
      return steady.has(column.baseType)
        ? []
        : ["datestyle", "intervalstyle", "extra_float_digits", "lc_monetary"];
  }
}

/** A value of the log, taken apart by the server: numbers do not survive JavaScript. */
export interface LoggedValue {
  /** `jsonb_typeof()`. */
  readonly kind: string;
  /** The value as text: that of a string, else its JSON. */
  readonly text: string | null;
  /** An array of the log as an array of PostgreSQL. */
  readonly array: string | null;
}

/** What the type's input function reads; null is NULL. */
export function decode(column: AuditColumn, { kind, text, array }: LoggedValue): string | null {
  if (kind === "null") return null;
  return kind === "array" && encodingOf(column) === "array" ? array : text;
}

/** The condition that the current value is the recorded one; `recorded` is an SQL literal. */
export function isStill(column: AuditColumn, current: string, recorded: string): string {
  if (recorded === "NULL") return isAbsent(column, current);
  if (isExact(column)) return `${current} = ${recorded}`;
  const value = `(${recorded}::${column.type})`;
  // The cast to text takes the blanks off that bpchar ends with.
  return column.baseType === "pg_catalog.bpchar"
    ? `${bytewise(`(to_jsonb(${current}) #>> '{}')`)} = to_jsonb(${value}) #>> '{}'`
    : `${storedText(current)} = ${value}::text`;
}

/** The condition that a key column holds the recorded key to the byte; undefined where `=` says so already. */
export function isStillKey(
  column: AuditColumn,
  current: string,
  recorded: string,
): string | undefined {
  if (isExact(column)) return undefined;
  return `${bytewise(encodeKey(column, current))} = ${literal(recorded)}`;
}

/** Values of the column that differ in some byte are never equal. */
export function isExact(column: AuditColumn): boolean {
  return column.isDeterministic && (column.kind === "e" || exact.has(column.baseType));
}

/** A recorded value as SQL that `=` takes beside the column: a record is not read from a bare literal. */
export function operand(column: AuditColumn, recorded: string): string {
  return column.kind === "c" ? `${literal(recorded)}::${column.type}` : literal(recorded);
}

/** True where there is a value. Of composite types alone IS NOT NULL asks something else. */
export function isPresent(column: AuditColumn, value: string): string {
  return column.kind === "c" ? hasValue(value) : `${value} is not null`;
}

function isAbsent(column: AuditColumn, value: string): string {
  return column.kind === "c" ? hasNoValue(value) : `${value} is null`;
}
