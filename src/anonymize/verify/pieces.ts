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

export function readingOf({ kind, base, isRecord }: ValueType): Reading {
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
      return base === "unknown" || isRecord === true ? "document" : "text";
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
  if (reading === "none") return [];
  const whole = wholeSql(value, reading);
  return [whole === undefined ? leavesSql(documentSql(value, typeName)) : `select ${whole} as v`];
}

/** SQL of the value's text, where it is compared as one. */
export function wholeSql(value: string, reading: Reading): string | undefined {
  switch (reading) {
    case "none":
    case "document":
      return undefined;
    case "bytes":
      return `encode(${value}, 'hex')`;
    default:
      return `${value}::text`;
  }
}

const blanks = "E'\\t\\n\\r\\u00a0'";
/** What parts a list, a call or a quotation, and is no part of an address, a number or a path. */
const quoting = `,;!?()[]{}<>"'|=\\`;
const all = `${quoting}.:/@#&+*~^%$-_`;
const sql = (signs: string) => `'${signs.replaceAll("'", "''")}'`;

/** SQL of the words between signs. `unnest` hands out one by one; a set in FROM would be stored first. */
const partedSql = (plain: string, signs: string) =>
  `unnest(string_to_array(translate(${plain}, ${sql(signs)}, '${" ".repeat(signs.length)}'), ' '))`;

/**
 * SELECTs of one column `v`: the words of a text. Once between blanks; once between the signs of lists
 * and quotations, so that addresses and numbers stay whole; and once between all signs.
 */
function wordsSql(value: string): string[] {
  const plain = `translate(${value}, ${blanks}, '    ')`;
  return [
    `select btrim(w, '.,:;!?') as v from (select unnest(string_to_array(${plain}, ' ')) as w where ${value} ~ '\\s.*[,;!?()|=]|[,;!?()|=].*\\s') s`,
    `select btrim(w, '.:-') as v from (select ${partedSql(plain, quoting)} as w where ${value} ~ '[]\\s,;!?()[{}<>"''|=\\\\]|[.:-]$') s`,
    `select ${partedSql(plain, all)} as v where ${value} ~ '[^[:alnum:]]'`,
  ];
}

/** The words of a JSONB are those of its text: keys and leaves at once, between quotation marks. */
function documentWordsSql(document: string): string[] {
  const plain = `replace(replace(replace((${document})::text, '\\n', ' '), '\\t', ' '), '\\r', ' ')`;
  return [
    `select btrim(w, '.:-') as v from (select ${partedSql(plain, quoting)} as w) s`,
    `select ${partedSql(plain, all)} as v`,
  ];
}

/** SELECTs of all that is compared of a value, in the target: wholes, keys and words. */
export function piecesSql(value: string, reading: Reading, typeName: string): string[] {
  const wholes = wholesSql(value, reading, typeName);
  switch (reading) {
    case "text":
      return [...wholes, ...wordsSql(`${value}::text`)];
    case "document": {
      const document = documentSql(value, typeName);
      const keys = `select l #>> '{}' as v from jsonb_path_query(${document}, 'strict $.** ? (@.type() == "object").keyvalue().key') l`;
      return [...wholes, keys, ...documentWordsSql(document)];
    }
    case "bytes":
      return [...wholes, ...wordsSql(`encode(${value}, 'escape')`)];
    default:
      return wholes;
  }
}
