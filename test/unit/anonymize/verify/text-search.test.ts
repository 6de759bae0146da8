import * as fc from "fast-check";
import { expect, it } from "vitest";
import { TextSearch } from "../../../../src/anonymize/verify/text-search.ts";

function search(texts: readonly string[], inside: string): number[] {
  const bytes = Buffer.from(inside);
  const found = new Set<number>();
  new TextSearch(texts).search(bytes, bytes.length, (id) => found.add(id));
  return [...found].toSorted((one, other) => one - other);
}

it("finds a text wherever it stands, and only that", () => {
  const text = fc.string({ unit: "grapheme", minLength: 12, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.uniqueArray(text, { minLength: 2, maxLength: 20 }),
      fc.string(),
      fc.string(),
      (texts, before, after) => {
        const inside = `${before}${texts[0]}${after}`;
        const expected = texts.flatMap((one, n) => (inside.includes(one) ? [n] : []));
        expect(search(texts, inside)).toEqual(expected);
      },
    ),
  );
});

it("finds texts that all begin and end alike", () => {
  const texts = Array.from({ length: 2000 }, (_, n) => `https://example.com/${n}/picture.jpg`);
  expect(search(texts, `see ${texts[1234]} and ${texts[7]}`)).toEqual([7, 1234]);
});

it("takes a short text only as a word", () => {
  expect(search(["swimming"], "swimmingpool")).toEqual([]);
  expect(search(["swimming"], "go swimming!")).toEqual([0]);
});
