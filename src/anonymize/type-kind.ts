/** What a type means to a masker: domains and modifiers are looked through. */
import type { Catalog, Type } from "./catalog.ts";

/** Families of types that maskers tell apart. */
export type Kind =
  | "text"
  | "integer"
  | "number"
  | "boolean"
  | "date"
  | "timestamp"
  | "time"
  | "interval"
  | "uuid"
  | "network"
  | "mac"
  | "bytes"
  | "json"
  | "enum"
  | "array"
  | "other";

export interface ValueType {
  readonly kind: Kind;
  /** The type that values are cast to in the end, with its length: `character varying(20)`. */
  readonly typeName: string;
  /** The built-in name below domains: `int4`, `timestamptz`, `cidr`, `jsonb`. */
  readonly base: string;
  /** That type as SQL, with its schema where it is not built in. */
  readonly baseName: string;
  /** Characters of varchar(n) and char(n). */
  readonly maxLength: number | undefined;
  readonly labels: readonly string[] | undefined;
  /** It has members by name: a composite type, or hstore. */
  readonly isRecord?: boolean;
  /** Of an array. */
  readonly element: ValueType | undefined;
}

const kinds: Readonly<Record<string, Kind>> = {
  text: "text",
  varchar: "text",
  bpchar: "text",
  name: "text",
  citext: "text",
  int2: "integer",
  int4: "integer",
  int8: "integer",
  numeric: "number",
  float4: "number",
  float8: "number",
  money: "other",
  bool: "boolean",
  date: "date",
  timestamp: "timestamp",
  timestamptz: "timestamp",
  time: "time",
  timetz: "time",
  interval: "interval",
  uuid: "uuid",
  inet: "network",
  cidr: "network",
  macaddr: "mac",
  macaddr8: "mac",
  bytea: "bytes",
  json: "json",
  jsonb: "json",
};

/** Looks a type up; `modifier` is atttypmod. */
export function valueType(
  catalog: Pick<Catalog, "types">,
  oid: string,
  modifier: number,
  typeName: string,
): ValueType {
  let type = catalog.types.get(oid);
  let mod = modifier;
  while (type?.kind === "d" && type.base !== null) {
    if (mod < 0) mod = type.modifier;
    type = catalog.types.get(type.base);
  }
  const kind = kindOf(type);
  const element =
    kind === "array" && type?.element != null ? catalog.types.get(type.element) : undefined;
  return {
    kind,
    typeName,
    base: type?.name ?? "unknown",
    baseName: type?.typeName ?? typeName,
    maxLength: maxLengthOf(type?.name, mod),
    labels: type?.labels ?? undefined,
    isRecord: type?.kind === "c" || (type?.name === "hstore" && !type.isBuiltIn),
    element: element && valueType(catalog, element.oid, mod, element.typeName),
  };
}

/** It has paths: JSON, a domain over it, or an array of it, whose documents are those of one list. */
export function isDocument({ kind, element }: ValueType): boolean {
  return (element?.kind ?? kind) === "json";
}

function kindOf(type: Type | undefined): Kind {
  if (!type) return "other";
  if (type.kind === "e") return "enum";
  if (type.element !== null) return "array";
  if (!type.isBuiltIn && type.name !== "citext") return "other";
  return kinds[type.name] ?? "other";
}

function maxLengthOf(name: string | undefined, modifier: number): number | undefined {
  if (name === "name") return 63;
  return (name === "varchar" || name === "bpchar") && modifier > 4 ? modifier - 4 : undefined;
}
