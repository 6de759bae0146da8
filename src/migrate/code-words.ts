/** What the text of a DO block says it deletes or changes: words, as PL/pgSQL is no SQL that could be parsed. */
import { readPieces } from "../db/lexer.ts";
import type { Statement } from "../db/script.ts";
import { allOf, as } from "../db/tree.ts";

/** One statement in the text of a DO block. */
export interface Deed {
  /** "DELETE", "DROP TABLE" */
  readonly words: string;
  /** In the section, from 1. */
  readonly line: number;
}

interface Word {
  /** In lower case; a quoted name or a string is its quote alone. */
  readonly text: string;
  readonly offset: number;
}

// What ALTER TABLE … DROP and DROP take that holds no rows and no values.
const emptyKinds = new Set(
  `access aggregate attribute cast collation constraint conversion default event expression function group identity
   index language materialized not operator policy procedure publication role routine rule sequence server statistics
   subscription tablespace text transform trigger user view`.split(/\s+/),
);
/** They take tables and columns with CASCADE alone. */
const holders = new Set(["schema", "type", "domain", "extension"]);
// FOR UPDATE, ON DELETE, BEFORE TRUNCATE, GRANT UPDATE: what else the words can be.
const otherUses = new Set([
  "for",
  "key",
  "on",
  "before",
  "after",
  "or",
  "of",
  "grant",
  "revoke",
  ",",
]);
const behindOtherUses = new Set(["on", "of", "or", ",", ";", ")", ""]);
const firstWord = /^\s*(?:alter|delete|do|drop|insert|merge|truncate|update|with)\s/i;

/** The statements of a DO block that take rows or values, also those in strings that it may EXECUTE. */
export function deedsOf({ node, text, line }: Statement): Deed[] {
  const options = allOf(as(node, "DoStmt")?.args, "DefElem");
  return options.flatMap(({ defname, arg }) => {
    const body = defname === "as" ? as(arg, "String")?.sval : undefined;
    if (body === undefined) return [];
    // Where quotes in it are doubled, its lines are not told apart.
    const start = text.indexOf(body);
    const lineOf = (offset: number) =>
      line + text.slice(0, Math.max(start, 0) + (start < 0 ? 0 : offset)).split("\n").length - 1;
    return findDeeds(body).map(({ words, offset }) => ({ words, line: lineOf(offset) }));
  });
}

function findDeeds(code: string): { words: string; offset: number }[] {
  const words = wordsOf(code);
  const said = words.flatMap(({ offset }, place) => {
    const deed = deedAt(words, place);
    return deed === undefined ? [] : [{ words: deed, offset }];
  });
  const strings = readPieces(code).flatMap(({ kind, start, end }) => {
    const inner = kind === "code" ? insideOf(code.slice(start, end)) : undefined;
    if (inner === undefined || !firstWord.test(inner.text)) return [];
    // A message is only read.
    if (/\braise\s+(?:\w+\s+)?$/i.test(code.slice(Math.max(start - 40, 0), start))) return [];
    return findDeeds(inner.text).map((deed) => ({
      ...deed,
      offset: start + inner.offset + deed.offset,
    }));
  });
  return [...said, ...strings].toSorted((one, other) => one.offset - other.offset);
}

function deedAt(words: readonly Word[], place: number): string | undefined {
  const at = (index: number) => words[index]?.text ?? "";
  const [before, word, next] = [at(place - 1), at(place), at(place + 1)];
  switch (word) {
    case "delete":
      return next === "from" ? "DELETE" : undefined;
    case "truncate":
    case "update":
      return otherUses.has(before) || behindOtherUses.has(next) ? undefined : word.toUpperCase();
    case "merge":
      return next === "into" ? "MERGE" : undefined;
    case "drop": {
      // Of an object that has the kind in two words, the first is told.
      const kind = next === "foreign" ? at(place + 2) : next;
      if (kind === "" || emptyKinds.has(kind)) return undefined;
      const end = words.findIndex(({ text }, index) => index > place && text === ";");
      const rest = words.slice(place, end < 0 ? undefined : end);
      if (holders.has(kind) && !rest.some(({ text }) => text === "cascade")) return undefined;
      const isNamed = holders.has(kind) || /^(?:table|owned|database|column)$/.test(kind);
      return isNamed ? `DROP ${kind.toUpperCase()}` : "DROP";
    }
    default:
      return undefined;
  }
}

function wordsOf(code: string): Word[] {
  return readPieces(code).flatMap(({ kind, start, end }): Word[] => {
    if (kind === "semicolon") return [{ text: ";", offset: start }];
    if (kind !== "code") return [];
    const piece = code.slice(start, end);
    if (/^["'$]/.test(piece)) return [{ text: piece.slice(0, 1), offset: start }];
    return [...piece.matchAll(/[\w\u0080-\uffff]+|\S/g)].map((match) => ({
      text: match[0].toLowerCase(),
      offset: start + match.index,
    }));
  });
}

/** What a string holds, and where it begins; undefined for what is no string. */
function insideOf(piece: string): { text: string; offset: number } | undefined {
  if (piece.startsWith("'")) return { text: piece.slice(1, -1), offset: 1 };
  const tag = /^\$[^$]*\$/.exec(piece)?.[0];
  return tag === undefined
    ? undefined
    : { text: piece.slice(tag.length, -tag.length), offset: tag.length };
}
