/** The parser says what libpg-query's own functions say. */
import { array, assert, constantFrom, property, string } from "fast-check";
import { hasSqlDetails, loadModule, parseSync, scanSync } from "libpg-query";
import { beforeAll, expect, test } from "vitest";
import type { Parser } from "../../../src/db/parser.ts";
import { ParserError, instantiateParser } from "../../../src/db/parser.ts";
import { readCorpus } from "../../support/lint-corpus.ts";

let parser: Parser;

beforeAll(async () => {
  await loadModule();
  parser = await instantiateParser();
});

/** The tree, or what is wrong and where. */
function theirs(text: string): unknown {
  try {
    return parseSync(text);
  } catch (error) {
    if (!hasSqlDetails(error)) throw error;
    return { message: error.message, place: error.sqlDetails?.cursorPosition };
  }
}

function ours(text: string): unknown {
  try {
    return parser.parse(text);
  } catch (error) {
    if (!(error instanceof ParserError)) throw error;
    return { message: error.message, place: error.place };
  }
}

test("the same trees of the corpus, and the same tokens", () => {
  for (const { sql } of readCorpus()) {
    expect(parser.parse(sql), sql).toEqual(parseSync(sql));
    expect(parser.scan(sql), sql).toEqual(scanSync(sql));
  }
});

test("the same of any text", () => {
  const word = constantFrom(
    ..."SELECT 1 ; CREATE TABLE a (b int, c text) 'é' \"naïve🙂\" $$🙂 FROM -- 'open".split(" "),
  );
  const text = array(word, { maxLength: 12 }).map((words) => words.join(" "));
  const any = string({ unit: "grapheme" }).map((one) => one.replaceAll("\0", ""));
  const check = (one: string) => {
    expect(ours(one)).toEqual(theirs(one));
  };
  // The other one refuses an empty text by itself.
  assert(property(text.filter(Boolean), check), { numRuns: 500 });
  assert(property(any.filter(Boolean), check), { numRuns: 300 });
});

test("a large text, and the next one", () => {
  const text = `SELECT ${Array.from({ length: 20_000 }, (_, i) => `'é${i}'`).join(", ")}`;
  const { stmts = [] } = parser.parse(text);
  expect(stmts).toHaveLength(1);
  expect(JSON.stringify(stmts)).toContain("é19999");
  expect(ours("SELECT é FORM a")).toEqual(theirs("SELECT é FORM a"));
});

test("a text that the scanner does not take", () => {
  expect(() => parser.scan("SELECT 'open")).toThrow(ParserError);
});
