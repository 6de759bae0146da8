/** Takes values apart into the texts that are compared. */
import { literal } from "../../db/identifier.ts";
import type { ValueType } from "../type-kind.ts";

/**
 * How a column's values are read:
 * - plain: one value, as its text;
 * - text: as a whole, and word by word;
 * - document: JSON, arrays, composite values: every leaf and every key, and the words of them;
 * - bytes: as hex, and what of it can be read;
 * - none: booleans, enums, dates and times of day, of which every value occurs everywhere.
 */
export type Reading = "plain" | "text" | "document" | "bytes" | "none";

export function readingOf({ kind, base }: ValueType): Reading {
  switch (kind) {
    case "integer":
    case "number":
    case "uuid":
    case "network":
    case "mac":
    case "timestamp":
      return "plain";
    case "json":
    case "array":
      return "document";
    case "bytes":
      return "bytes";
    case "boolean":
    case "enum":
    case "date":
    case "time":
    case "interval":
      return "none";
    default:
      return base === "unknown" ? "document" : "text";
  }
}

/** SQL of a JSONB from a value; a `json` may hold the sign that JSONB cannot, \u0000. */
export function documentSql(value: string, typeName: string): string {
  return typeName === "json"
    ? `case when ${value}::text like '%\\u0000%' then to_jsonb(${value}::text) else ${value}::jsonb end`
    : `to_jsonb(${value})`;
}

const isLeaf = '? (@.type() == "string" || @.type() == "number")';

/** SELECT of one column `v`: every text and number of a JSONB, at `path` or below it. */
export function leavesSql(document: string, path = "$"): string {
  const leaves = (of: string) =>
    `select l #>> '{}' as v from jsonb_path_query(${of}, 'strict $.** ${isLeaf}') l`;
  if (path === "$") return leaves(document);
  // Of what may be missing, lax speaks; below a list, it would name the members twice.
  return `select x.v from jsonb_path_query(${document}, ${literal(`lax ${path}`)}) b, lateral (${leaves("b")}) x`;
}

/** SELECT of one column `v`: the value itself and, where it is a list or a document, its members. */
export function wholesSql(value: string, reading: Reading, typeName: string): string[] {
  switch (reading) {
    case "none":
      return [];
    case "document":
      return [leavesSql(documentSql(value, typeName))];
    case "bytes":
      return [`select encode(${value}, 'hex') as v`];
    default:
      return [`select ${value}::text as v`];
  }
}

const blanks = "E'\\t\\n\\r\\u00a0'";
/** What parts a list, a call or a quotation, and is no part of an address, a number or a path. */
const quoting = `,;!?()[]{}<>"'|=\\`;
const all = `${quoting}.:/@#&+*~^%$-_`;
const sql = (signs: string) => `'${signs.replaceAll("'", "''")}'`;

/**
 * SELECTs of one column `v`: the words of a text. Once between blanks; once between the signs of lists
 * and quotations, so that addresses and numbers stay whole; and once between all signs.
 */
export function wordsSql(value: string): string[] {
  const plain = `translate(${value}, ${blanks}, '    ')`;
  const parted = (signs: string) =>
    `string_to_table(translate(${plain}, ${sql(signs)}, '${" ".repeat(signs.length)}'), ' ')`;
  return [
    `select btrim(w, '.,:;!?') as v from string_to_table(${plain}, ' ') w where ${value} ~ '[\\s,;!?|=].*[,;!?|=\\s]'`,
    `select btrim(w, '.:-') as v from ${parted(quoting)} w where ${value} ~ '[^[:alnum:]@_+/-]'`,
    `select w as v from ${parted(all)} w where ${value} ~ '[^[:alnum:]]'`,
  ];
}

/** SELECTs of all that is compared of a value, in the target: wholes, keys and words. */
export function piecesSql(value: string, reading: Reading, typeName: string): string[] {
  const wholes = wholesSql(value, reading, typeName);
  const words = (inner: string) =>
    wordsSql("i.v").map((sql) => `select x.v from (${inner} offset 0) i, lateral (${sql}) x`);
  switch (reading) {
    case "text":
      return [...wholes, ...wholes.flatMap(words)];
    case "document": {
      const keys = `select l #>> '{}' as v from jsonb_path_query(${documentSql(value, typeName)}, 'strict $.** ? (@.type() == "object").keyvalue().key') l`;
      return [...[...wholes, keys].flatMap((sql) => [sql, ...words(sql)])];
    }
    case "bytes":
      return [...wholes, ...words(`select encode(${value}, 'escape') as v`)];
    default:
      return wholes;
  }
}
