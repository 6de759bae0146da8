import * as fc from "fast-check";
import { loadModule, parseSync, scanSync } from "libpg-query";
import { beforeAll, describe, expect, test } from "vitest";
import { findClientParts, readPieces } from "../../../src/db/lexer.ts";
import { byteOffsetsToOffsets } from "../../../src/db/place.ts";

beforeAll(async () => loadModule());

const shown = (text: string) =>
  readPieces(text).map(({ kind, start, end }) => [kind, text.slice(start, end)]);

/** Comments as PostgreSQL's own scanner finds them; undefined for a text it refuses. */
function commentsOfScanner(text: string): string[] | undefined {
  try {
    return scanSync(text)
      .tokens.filter(({ tokenName }) => tokenName === "SQL_COMMENT" || tokenName === "C_COMMENT")
      .map(({ start, end }) => {
        const [from = 0, to = 0] = byteOffsetsToOffsets(text, [start, end]);
        return text.slice(from, to);
      });
  } catch {
    return undefined;
  }
}

const comments = (text: string) =>
  readPieces(text)
    .filter(({ kind }) => kind === "comment" || kind === "block-comment")
    .map(({ start, end }) => text.slice(start, end));

describe("readPieces", () => {
  test.each([
    ["select '--' -- c", ["-- c"]],
    ["select 'it''s -- no' -- c", ["-- c"]],
    ["select E'\\' -- no' -- c", ["-- c"]],
    ["select e'\\\\' -- c", ["-- c"]],
    ["select E'a'\n'\\' -- no' -- c", ["-- c"]],
    ["select 'a'\n'\\' -- c", ["-- c"]],
    ["select 1$$ -- no $$ -- c", ["-- c"]],
    ["select the'\\' -- c", ["-- c"]],
    ["select U&'\\0041' -- c", ["-- c"]],
    ['select "a -- no" -- c', ["-- c"]],
    ["select $$ -- no $$ -- c", ["-- c"]],
    ["select $x$ $$ -- no $x$ -- c", ["-- c"]],
    ["select $ü$ -- no $ü$ -- c", ["-- c"]],
    ["select a$b$ -- c\n, d$b$ -- d", ["-- c", "-- d"]],
    ["select $1 -- c", ["-- c"]],
    ["select 1 /* a /* b */ -- no */ -- c", ["/* a /* b */ -- no */", "-- c"]],
    ["select 1+--c\n2", ["--c"]],
    ["select 1 - -2 /*c*/", ["/*c*/"]],
  ])("finds the comments of %j as PostgreSQL does", (text, expected) => {
    expect(comments(text)).toEqual(expected);
    expect(commentsOfScanner(text)).toEqual(expected);
  });

  test("agrees with PostgreSQL's scanner about comments in any text that it accepts", () => {
    const fragment = fc.constantFrom(
      ..."' '' \" \"\" $$ $a$ $ E' e' U&' -- /* */ ; a e E é 😀 b$c 1 _ - * / + ( ) N'".split(" "),
      "$1 ",
      " ",
      "\t",
      "\n",
      "\r\n",
      "select",
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 24 }), (fragments) => {
        const text = fragments.join("");
        const expected = text === "" ? [] : commentsOfScanner(text);
        // libpg-query's scanner, unlike the server's, ends an E'' string before a comment that is
        // followed by the string's next part.
        fc.pre(expected !== undefined && !/e'[^]*'[ \t]*--[^\n\r]*\s*'/i.test(text));
        accepted += 1;
        expect(comments(text)).toEqual(expected);
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  test("covers everything but white space, in order and without overlap", () => {
    const fragment = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("'", "$$", "--", "/*", "\n"),
    );
    fc.assert(
      fc.property(fc.array(fragment), (fragments) => {
        const text = fragments.join("");
        let at = 0;
        for (const { start, end } of readPieces(text)) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(text.slice(at, start)).toMatch(/^[ \t\n\r\f\v]*$/);
          at = end;
        }
        expect(text.slice(at)).toMatch(/^[ \t\n\r\f\v]*$/);
      }),
    );
  });

  test("tells psql's own lines from SQL", () => {
    expect(shown("\\restrict x\nselect 1; \\gexec\n")).toEqual([
      ["meta-command", "\\restrict x"],
      ["code", "select 1"],
      ["semicolon", ";"],
      ["meta-command", "\\gexec"],
    ]);
  });

  test("takes inline COPY data as one piece, quotes in it included", () => {
    const text = "COPY a.b (c) FROM stdin WITH (format csv);\nit's\n-- migrate:down\n\\.\nselect 1";
    expect(shown(text).slice(-3)).toEqual([
      ["semicolon", ";"],
      ["copy-data", "it's\n-- migrate:down\n\\."],
      ["code", "select 1"],
    ]);
  });

  test("knows no COPY data where the statement names a file or no end is marked", () => {
    expect(findClientParts("copy t from 'stdin';\n1\n")).toEqual([]);
    expect(findClientParts("copy t from stdin;\nselect 1;\n")).toEqual([]);
    expect(findClientParts("select 'copy from stdin';\n\\.\n").map(({ kind }) => kind)).toEqual([
      "meta-command",
    ]);
  });
});

test("the scanner used for comparison is PostgreSQL 18's", () => {
  expect(String(parseSync("select 1").version)).toMatch(/^18/);
});
