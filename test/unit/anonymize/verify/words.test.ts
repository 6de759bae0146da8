/** Whatever surrounds an original in a row, it is handed on as one text. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowReader } from "../../../../src/anonymize/verify/words.ts";

/** As COPY writes a field. */
const copied = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r");

function textsOf(...fields: string[]): { text: string; field: number }[] {
  const found: { text: string; field: number }[] = [];
  const reader = new RowReader((bytes, from, to, field) => {
    found.push({ text: Buffer.from(bytes.subarray(from, to)).toString(), field });
  });
  const row = Buffer.from(fields.map(copied).join("\t"));
  reader.read(row, 0, row.length);
  return found;
}

const has = (fields: string[], text: string) => textsOf(...fields).some((one) => one.text === text);

describe("the texts of a row", () => {
  it.each([
    ["by itself", "ann@marked.test"],
    ["in other letters", "Ann@MARKED.test"],
    ["in a sentence", "Write to ann@marked.test, please."],
    ["in brackets", "Ann <ann@marked.test> (work)"],
    ["in an array", "{bob@marked.test,ann@marked.test}"],
    ["in a document", `{"contacts": [{"email": "ann@marked.test"}]}`],
    ["as a key", `{"ann@marked.test": 1}`],
    ["in a URL's query", "https://x.test/?mail=ann@marked.test&x=1"],
    ["behind a line's end", "mail:\nann@marked.test\nbye"],
    ["in a row", `(1,"ann@marked.test",t)`],
    ["in code", "WHERE (email = 'ann@marked.test'::text)"],
  ])("hold an address %s", (_how, field) => {
    const isQuery = field.includes("?");
    expect(has(["first", field, "last"], isQuery ? "ann@marked.test&x" : "ann@marked.test")).toBe(
      true,
    );
  });

  it.each([
    ["two names beside each other", "met Ann Markedname today", "ann markedname"],
    ["a leaf with signs in it", `{"note": "Say \\"hi\\", Ann"}`, `say "hi", ann`],
    ["a member of an array with blanks", `{"Ann of Marked",x}`, "ann of marked"],
    ["a name with a sign", "it is O'Markedname!", "o'markedname"],
    ["a word within an identifier", "user_markedname-17", "markedname"],
    ["a phone number", "call +49 (30) 123-4567 now", "123-4567"],
    ["the whole text", "it is O'Markedname!", "it is o'markedname!"],
  ])("hold %s", (_what, field, text) => {
    expect(has([field], text)).toBe(true);
  });

  it("come with the number of their field", () => {
    expect(textsOf("first word", "second one").filter(({ text }) => text === "second")).toEqual([
      { text: "second", field: 1 },
    ]);
  });

  it("hold every value of five bytes as a whole, whatever is in it", () => {
    const value = fc
      .string({ unit: "grapheme", minLength: 5, maxLength: 60 })
      .filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (fields) => {
        const texts = textsOf(...fields);
        fields.forEach((field, n) => {
          const folded = field.replaceAll(/[A-Z]/g, (one) => one.toLowerCase());
          expect(texts).toContainEqual({ text: folded, field: n });
        });
      }),
    );
  });

  it("hold every word of letters between signs", () => {
    const word = fc.stringMatching(/^[a-z0-9äéñ]{5,12}$/);
    const sign = fc.constantFrom(
      " ",
      ", ",
      "; ",
      "/",
      '"',
      "'",
      "(",
      ")",
      "\n",
      "\t",
      ": ",
      "|",
      "=",
      "-",
      "_",
      "\\",
    );
    fc.assert(
      fc.property(word, word, word, sign, sign, (one, two, three, first, second) => {
        const texts = textsOf(`${one}${first}${two}${second}${three}`).map(({ text }) => text);
        expect(texts).toEqual(expect.arrayContaining([one, two, three]));
      }),
    );
  });
});
