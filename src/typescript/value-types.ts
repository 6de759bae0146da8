/** What PostgreSQL's types are in a program: as the drivers read them, and as they take them. */

import type { ElementType } from "./model.ts";

export const drivers = ["pg", "postgres"] as const;

/** `pg` is node-postgres, `postgres` is postgres.js; both as they come, without parsers of one's own. */
export type Driver = (typeof drivers)[number];

export interface ProgramType {
  /** In a row that was read. */
  readonly read: string;
  /** In a row that is written. */
  readonly write: string;
  /** Expressions of zod for the same. */
  readonly zodRead: string;
  readonly zodWrite: string;
}

const same = (type: string, zod: string): ProgramType => ({
  read: type,
  write: type,
  zodRead: zod,
  zodWrite: zod,
});

const text = same("string", "z.string()");

const number = same("number", "float");

// Drivers give text: a number has 53 bits, and numeric has a thousand digits.
const int8: ProgramType = {
  read: "string",
  write: "string | number | bigint",
  zodRead: "z.string().regex(/^-?\\d+$/)",
  zodWrite: "z.union([z.string().regex(/^-?\\d+$/), z.int(), z.bigint()])",
};

const numeric: ProgramType = {
  read: "string",
  write: "string | number",
  zodRead: "decimal",
  zodWrite: "z.union([decimal, float])",
};

const time: ProgramType = {
  read: "Date",
  write: "Date | string",
  zodRead: "z.date()",
  zodWrite: "z.union([z.date(), z.string()])",
};

const json = same("Json", "z.json()");

// Microsoft's and older ones are no UUIDs by the letter of RFC 9562, and PostgreSQL takes any 128 bits.
const uuid = same("string", "z.guid()");

const bytes: ProgramType = same("Uint8Array", "z.instanceof(Uint8Array)");

const types: Readonly<Record<string, ProgramType>> = {
  bool: same("boolean", "z.boolean()"),
  int2: same("number", "z.int().min(-32768).max(32767)"),
  int4: same("number", "z.int32()"),
  oid: same("number", "z.int()"),
  int8,
  numeric,
  float4: number,
  float8: number,
  date: time,
  timestamp: time,
  timestamptz: time,
  json,
  jsonb: json,
  uuid,
  bytea: bytes,
};

// node-postgres makes objects of these, and sends an object as JSON, which they are not read from.
const sentAsText = (type: string, zod: string): ProgramType => ({
  ...text,
  read: type,
  zodRead: zod,
});

const point = sentAsText("{ x: number; y: number }", "z.object({ x: float, y: float })");
const circle = sentAsText(
  "{ x: number; y: number; radius: number }",
  "z.object({ x: float, y: float, radius: float })",
);

// It sends a string as it is, and an array as one of PostgreSQL's: `[]` would be stored as `{}`.
const jsonOfPg: ProgramType = { ...json, write: "JsonInput", zodWrite: "jsonInput" };
const intervalOfPg: ProgramType = {
  read: "Interval",
  write: "Interval | string",
  zodRead: "interval",
  zodWrite: "z.union([interval, z.string()])",
};
const typesOfPg: Readonly<Record<string, ProgramType>> = {
  interval: intervalOfPg,
  point,
  circle,
  json: jsonOfPg,
  jsonb: jsonOfPg,
};

/** A type of PostgreSQL's own; anything else is read and written as text. */
export function programType(driver: Driver, schema: string, name: string): ProgramType {
  if (schema !== "pg_catalog") return text;
  return (driver === "pg" ? typesOfPg[name] : undefined) ?? types[name] ?? text;
}

// pg-types 2: arrays of these are parsed, and any other is given as its text, `{a,b}`.
const arraysOfPg: ReadonlySet<string> = new Set(
  (
    "bool bpchar bytea cidr date float4 float8 inet int2 int4 int8 interval json jsonb macaddr money " +
    "numeric numrange oid point regproc text time timestamp timestamptz timetz uuid varchar"
  ).split(" "),
);

/**
 * Arrays in arrays where it was declared so. Undefined where the driver gives the array's text. A
 * column's NOT NULL says nothing of its elements.
 */
export function arrayType(
  driver: Driver,
  { schema, name }: Pick<ElementType, "schema" | "name">,
  element: ProgramType,
  dimensions: number,
): ProgramType | undefined {
  const isParsed = driver === "postgres" || (schema === "pg_catalog" && arraysOfPg.has(name));
  if (!isParsed) return undefined;
  // It parses them as floating point numbers, which is not what it does with single ones.
  const of =
    driver === "pg" && name === "numeric"
      ? { ...number, write: element.write, zodWrite: element.zodWrite }
      : element;
  // postgres.js 3.4 reads a NULL among them as the text "NULL", as whatever that is in the type: NaN, an
  // invalid date, an error of JSON. So no element that it gives is null.
  const isNullRead = driver === "pg";
  const more = "[]".repeat(dimensions - 1);
  const inArrays = (zod: string) =>
    `${"z.array(".repeat(dimensions)}${zod}${")".repeat(dimensions)}`;
  return {
    read: (isNullRead ? `(${of.read} | null)[]` : arrayOf(of.read)) + more,
    write: `(${of.write} | null)[]${more}`,
    zodRead: inArrays(`${of.zodRead}${isNullRead ? ".nullable()" : ""}`),
    zodWrite: inArrays(`${of.zodWrite}.nullable()`),
  };
}

function arrayOf(type: string): string {
  return /[ |]/.test(type) ? `(${type})[]` : `${type}[]`;
}

export { text as textType };
