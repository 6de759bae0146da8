import * as fc from "fast-check";
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { loadParser, parseScript } from "../../../src/db/script.ts";
import { checksum, normalise, parseSections } from "../../../src/migrate/section.ts";

const newline = fc.constantFrom("\n", "\r\n");
/** Statements of every kind of quoting, with things that look like markers inside. */
const sql = fc
  .array(
    fc.constantFrom(
      "select 1;",
      "select '\n-- migrate:down\n';",
      "do $$\n-- migrate:up\n-- migrate:down\n$$;",
      'select 1 as "\n-- irreversible: no\n";',
      "/* \n-- migrate:down\n /* nested */ */ select 2;",
      "select E'\\'\n-- migrate:down\n';",
      "insert into 表 values ('😀');",
      "-- a comment about migrate:up",
      "  -- change: nothing",
      "create procedure p() begin atomic select 1; select 2; end;",
      "",
      "   ",
    ),
    { minLength: 1 },
  )
  .map((lines) => lines.join("\n"))
  .filter((text) => /select|insert|create|do /.test(text));

const problemsOf = (text: string) =>
  parseSections(normalise(text)).problems.map(({ rule, offset }) => [
    rule,
    normalise(text).slice(offset).split("\n")[0],
  ]);

beforeAll(async () => loadParser());

describe("normalise", () => {
  test("is the same for BOM, CRLF and any number of line breaks at the end", () => {
    fc.assert(
      fc.property(sql, fc.boolean(), newline, fc.nat(3), (text, hasBom, lineBreak, more) => {
        const stored = `${hasBom ? "\uFEFF" : ""}${text.replaceAll("\n", lineBreak)}${lineBreak.repeat(more)}`;
        expect(normalise(stored)).toBe(normalise(text));
        expect(checksum(stored)).toBe(checksum(text));
      }),
    );
  });

  test("changes nothing the second time", () => {
    const text = fc
      .array(fc.constantFrom("\r", "\n", "\uFEFF", "a", " ", "é", "😀"))
      .map((p) => p.join(""));
    fc.assert(
      fc.property(text, (any) => {
        expect(normalise(normalise(any))).toBe(normalise(any));
      }),
    );
  });

  test("ends with exactly one line break, and leaves the rest alone", () => {
    expect(normalise("a  \n\n b \n\n\n")).toBe("a  \n\n b \n");
    expect(normalise("\n\n")).toBe("");
    expect(normalise("a\rb")).toBe("a\rb\n");
  });

  test("the checksum is SHA-256 of the normalised bytes", () => {
    const expected = createHash("sha256").update("select 'é';\n").digest("hex");
    expect(checksum("\uFEFFselect 'é';\r\n\r\n")).toBe(expected);
  });
});

describe("parseSections", () => {
  test("gives back exactly the text between the markers, and the line it begins on", () => {
    fc.assert(
      fc.property(
        sql,
        sql,
        fc.constantFrom("", "-- head\n\n", "/* head\n*/\n"),
        (up, down, head) => {
          const text = normalise(`${head}-- migrate:up\n${up}\n-- migrate:down\n${down}`);
          const { sections, problems } = parseSections(text);
          expect(problems).toEqual([]);
          expect(sections?.up.text).toBe(normalise(up));
          expect(sections?.down?.text).toBe(normalise(down));
          const lines = text.split("\n");
          const from = (line: number | undefined) => lines.slice((line ?? 0) - 1).join("\n");
          expect(from(sections?.up.line).startsWith(up)).toBe(true);
          expect(from(sections?.down?.line).startsWith(normalise(down).trimEnd())).toBe(true);
          expect(parseScript(sections?.up.text ?? "")).toHaveLength(parseScript(up).length);
        },
      ),
    );
  });

  test("reads options, the reason and the declared change", () => {
    const { sections } = parseSections(
      "-- change: major\n-- irreversible: the old hashes are gone\n--migrate:up  transaction:false \nselect 1;\n",
    );
    expect(sections).toMatchObject({
      up: { text: "select 1;\n", line: 4, transaction: false },
      down: undefined,
      irreversible: "the old hashes are gone",
      declaredChange: "major",
    });
  });

  test("`irreversible` in the place of the down section ends the up section", () => {
    const { sections } = parseSections(
      "-- migrate:up\nselect 1;\n\n-- irreversible: gone\n-- bye\n",
    );
    expect(sections).toMatchObject({ up: { text: "select 1;\n" }, irreversible: "gone" });
  });

  test("an empty down section is no down section", () => {
    const { sections } = parseSections("-- migrate:up\nselect 1;\n-- migrate:down\n-- todo\n");
    expect(sections).toMatchObject({ down: undefined, irreversible: undefined });
  });

  test("a quote that is left open swallows the marker, as it does for PostgreSQL", () => {
    const { sections } = parseSections("-- migrate:up\nselect 'a;\n-- migrate:down\nselect 1;\n");
    expect(sections?.down).toBeUndefined();
    expect(sections?.up.text).toContain("migrate:down");
  });

  test.each([
    ["", [["migrations/empty-file", ""]]],
    ["\uFEFF\r\n", [["migrations/empty-file", ""]]],
    ["select 1;", [["migrations/no-marker", "select 1;"]]],
    ["-- only words", [["migrations/no-marker", "-- only words"]]],
    ["-- migrate:down\nselect 1;", [["migrations/no-marker", "-- migrate:down"]]],
    ["-- migrate:up\n-- nothing", [["migrations/empty-section", "-- migrate:up"]]],
    ["select 1;\n-- migrate:up\nselect 2;", [["migrations/text-outside-section", "select 1;"]]],
    [
      "-- migrate:down\nselect 1;\n-- migrate:up\nselect 2;",
      [
        ["migrations/bad-marker", "-- migrate:down"],
        ["migrations/text-outside-section", "select 1;"],
      ],
    ],
    [
      "-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;",
      [["migrations/bad-marker", "-- migrate:up"]],
    ],
    [
      "-- migrate:up transactions:false\nselect 1;",
      [["migrations/bad-marker", "-- migrate:up transactions:false"]],
    ],
    [
      "-- migrate:up\nselect 1;\n  -- migrate:down\nselect 2;",
      [["migrations/bad-marker", "-- migrate:down"]],
    ],
    [
      "-- migrate:up\nselect 1;\n-- Migrate:Down\nselect 2;",
      [["migrations/bad-marker", "-- Migrate:Down"]],
    ],
    [
      "-- migrate:up\nselect 1; -- migrate:down\nselect 2;",
      [["migrations/bad-marker", "-- migrate:down"]],
    ],
    [
      "-- irreversible:\n-- migrate:up\nselect 1;",
      [["migrations/bad-directive", "-- irreversible:"]],
    ],
    [
      "-- irreversible: x\n-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;",
      [["migrations/irreversible-with-down", "-- irreversible: x"]],
    ],
    [
      "-- migrate:up\nselect 1;\n-- irreversible: x\nselect 2;",
      [["migrations/text-outside-section", "select 2;"]],
    ],
    [
      "-- change: huge\n-- migrate:up\nselect 1;",
      [["migrations/bad-directive", "-- change: huge"]],
    ],
    [
      "-- change: minor\n-- change: major\n-- migrate:up\nselect 1;",
      [["migrations/bad-directive", "-- change: major"]],
    ],
    [
      "-- migrate:up\n-- change: minor\nselect 1;",
      [["migrations/bad-directive", "-- change: minor"]],
    ],
    ["-- migrate:up\n-- change: the name\nselect 1;", []],
    ["-- migrate:up\n-- migrate down all clients first\nselect 1;", []],
  ])("reports what is wrong with %j", (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
    expect(parseSections(normalise(text)).sections === undefined).toBe(expected.length > 0);
  });

  test("says that a change stands below the marker it must stand above", () => {
    const { problems } = parseSections("-- migrate:up\n-- change: patch\nselect 1;\n");
    expect(problems).toMatchObject([
      {
        message: "`-- change: patch` stands below `-- migrate:up` and must stand above it",
        hint: "move it above `-- migrate:up`",
      },
    ]);
  });

  test("names the marker of another tool", () => {
    const { problems } = parseSections("-- +goose Up\nselect 1;\n");
    expect(problems[0]?.message).toContain("`-- +goose Up` is another tool's marker");
  });
});
