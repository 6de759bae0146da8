import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { placesIn, positionToLocation, serverPositionToOffset } from "../../../src/db/place.ts";
import { ScriptError, loadParser, parseScript, treeHash } from "../../../src/db/script.ts";

beforeAll(async () => loadParser());

const statements = [
  "select 'é😀' as \"ü\"",
  'create table "Größe" (id int default 1, 名前 text)',
  "create function f() returns int language sql as $body$ select 1; -- ; \n$body$",
  "create procedure p() begin atomic insert into a values (';'); select 2; end",
  "insert into a values (E'\\';', '--', $$/*$$)",
  "comment on table a is '👩‍👩‍👧‍👦 ; \n'",
  "vacuum",
];
const gaps = [" ", "\n", "\t", "-- x; 😀\n", "/* a; /* ' */ é */", "\r\n"];

/** A script with its statements and what they should come out as. */
const script = fc
  .array(
    fc.record({
      before: fc.array(fc.constantFrom(...gaps)),
      text: fc.constantFrom(...statements),
      after: fc.array(fc.constantFrom(...gaps)),
    }),
    { maxLength: 5 },
  )
  .map((parts) => ({
    texts: parts.map(({ text }) => text),
    script: parts
      .map(({ before, text, after }) => `${before.join("")}${text}${after.join("")}`)
      .join(";"),
  }));

function errorOf(text: string): ScriptError {
  try {
    parseScript(text);
  } catch (error) {
    if (error instanceof ScriptError) return error;
    throw error;
  }
  throw new Error(`parsed: ${text}`);
}

describe("parseScript", () => {
  test("gives back each statement, at its place, without what stands around it", () => {
    fc.assert(
      fc.property(script, ({ texts, script: text }) => {
        const parsed = parseScript(text);
        expect(parsed.map((statement) => statement.text)).toEqual(texts);
        for (const { start, end, line, column, text: own } of parsed) {
          expect(text.slice(start, end)).toBe(own);
          const before = text.slice(0, start).split("\n");
          expect(line).toBe(before.length);
          expect(column).toBe([...(before.at(-1) ?? "")].length + 1);
        }
      }),
    );
  });

  test("names the kind of each statement", () => {
    expect(
      parseScript("create index concurrently on t (a); vacuum").map(({ kind }) => kind),
    ).toEqual(["IndexStmt", "VacuumStmt"]);
  });

  test.each(["", " \n", "-- only a comment", ";;", "/* a */;\n"])("finds nothing in %j", (text) => {
    expect(parseScript(text)).toEqual([]);
  });

  test("places a syntax error behind characters of several bytes and units", () => {
    const error = errorOf("select '😀é';\n/* 😀 */ selec 1");
    expect(error).toMatchObject({ reason: "syntax", line: 2, column: 9, offset: 23 });
    expect(error.message).toBe('syntax error at or near "selec"');
  });

  test.each([
    [
      "select 1;\n  \\restrict abc\n",
      "meta-command",
      "`\\restrict abc` is a command of psql",
      2,
      3,
    ],
    ["\\copy t from 'it''s.csv'", "meta-command", "`\\copy t from 'it''s.csv'`", 1, 1],
    ["copy t from stdin;\n1\tit's\n\\.\n", "copy-data", "inline COPY data", 2, 1],
    ["select 1; copy t (a) from stdin;\nx y z\n", "copy-data", "inline COPY data", 2, 1],
  ])("names what only psql reads in %j", (text, reason, message, line, column) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ reason, line, column });
    expect(error.message).toContain(message);
  });

  test("refuses a NUL character, behind which the parser would see nothing", () => {
    expect(errorOf("select 1;\n\0drop table users")).toMatchObject({ line: 2, column: 1 });
  });

  test("refuses a nesting that is too deep, and works on", () => {
    const deep = `select ${"(".repeat(20_000)}1${")".repeat(20_000)}`;
    expect(errorOf(deep).message).toMatch(/memory exhausted|could not be parsed/);
    expect(errorOf(`select 1${"+1".repeat(40_000)}`)).toMatchObject({
      reason: "too-deep",
      message: expect.stringContaining("nested too deeply for the parser"),
    });
    expect(parseScript("select 1")).toHaveLength(1);
  });
});

describe("treeHash", () => {
  const same: [string, string][] = [
    ["select 1", "-- c\nSELECT   1 ;\n"],
    ["select * from a where b in (1, 2)", "select *\nfrom a\nwhere b in (1,2) -- c"],
    ["select array[1,2]", "select  array[ 1, 2 ]"],
    ["create table a (b int)", 'create table "a" ("b" integer)'],
    [
      "create procedure p() begin atomic select 1; end",
      "create procedure p()\nbegin atomic select 1 ; end",
    ],
  ];
  test.each(same)("calls %j and %j the same", (a, b) => expect(treeHash(a)).toBe(treeHash(b)));

  const different: [string, string][] = [
    ["select 5", "select 6"],
    ["create tablespace t location '/a'", "create tablespace t location '/b'"],
    ["select 1", "select 1; select 1"],
    ["select 1; select 2", "select 2; select 1"],
    ["create table a (b int default 5)", "create table a (b int default 6)"],
    ["do $$ begin end $$", "do $$ begin  end $$"],
  ];
  test.each(different)("tells %j from %j", (a, b) => expect(treeHash(a)).not.toBe(treeHash(b)));
});

describe("places", () => {
  test("server positions count characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, index) => {
        const characters = [...text];
        const position = Math.min(index, characters.length);
        expect(serverPositionToOffset(text, position + 1)).toBe(
          characters.slice(0, position).join("").length,
        );
      }),
    );
  });

  test("columns count characters, and an offset past the end is the end", () => {
    expect(positionToLocation("a\n😀b", 4)).toEqual({ line: 2, column: 2 });
    expect(positionToLocation("a\n", 99)).toEqual({ line: 2, column: 1 });
  });

  test("places are the same in whatever order they are asked for", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n"), maxLength: 40 });
    fc.assert(
      fc.property(text, fc.array(fc.nat(40), { maxLength: 20 }), (text, characters) => {
        const placeOf = placesIn(text);
        const offsets = characters.map((n) => Array.from(text).slice(0, n).join("").length);
        expect(offsets.map((offset) => placeOf(offset))).toEqual(
          offsets.map((offset) => {
            const before = text.slice(0, offset).split("\n");
            return { line: before.length, column: Array.from(before.at(-1) ?? "").length + 1 };
          }),
        );
      }),
    );
  });
});
