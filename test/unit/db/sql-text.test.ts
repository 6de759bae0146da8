/** Where nothing is quoted, words are found without PostgreSQL's scanner, and at the same places. */
import { array, assert, constantFrom, property, tuple } from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { loadParser, scanTokens } from "../../../src/db/script.ts";
import { partsOf } from "../../../src/db/sql-text.ts";
import { readCorpus } from "../../support/lint-corpus.ts";

beforeAll(loadParser);

/** What the callers look for: words, and the signs that part an ALTER TABLE. */
const wanted = ({ text }: { text: string }) => /^(?:[A-Za-z_]\w*|[()[\],.])$/.test(text);
const places = (parts: readonly { text: string; start: number; end: number }[]) =>
  parts.filter(wanted).map(({ text, start, end }) => ({ text, start, end }));

test("in the corpus", () => {
  for (const { sql } of readCorpus())
    expect(places(partsOf(sql)), sql).toEqual(places(scanTokens(sql)));
});

test("in any text that the scanner takes", () => {
  const word = constantFrom(
    ..."alter table only orders add column t1 int 12 1.5 .5 1e3 0x1f a_b é 'it''s' \"Drop\" $1 $$x$$ E'\\n' U&\"d\" E'a' b'1' X'1f' n'x' u&'d' abc'x' '' \"\" ' \" -- /* */ ( ) [ ] , . * :: || -> <> ; concurrently".split(
      " ",
    ),
  );
  const blank = constantFrom(" ", "\n", "\t", "  ", "\r\n");
  assert(
    property(array(tuple(word, blank), { maxLength: 20 }), (pairs) => {
      const text = pairs.flat().join("");
      let tokens;
      try {
        tokens = scanTokens(text);
      } catch {
        return; // no SQL: parseScript has refused it before
      }
      expect(places(partsOf(text))).toEqual(places(tokens));
    }),
    { numRuns: 1000 },
  );
});
