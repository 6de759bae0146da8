/** JSON is walked to its leaves, and maps are known as such. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Shape } from "../../../src/pii/tree.ts";

function pathsOf(documents: readonly unknown[]): Map<string, string[]> {
  const shape = new Shape();
  const found = new Map<string, string[]>();
  for (const document of documents) shape.learn("meta", document);
  for (const document of documents) {
    shape.walk("meta", document, (path, _key, _parents, value) => {
      found.set(path, [...(found.get(path) ?? []), value]);
    });
  }
  return found;
}

test("objects, lists, and what is in them", () => {
  const found = pathsOf([
    { contacts: [{ email: "a" }, { email: "b" }], "odd key": { n: 1 }, on: true, none: null },
  ]);
  expect([...found]).toEqual([
    ["meta.contacts[*].email", ["a", "b"]],
    ['meta."odd key".n', ["1"]],
    ["meta.on", ["true"]],
  ]);
});

test("keys that are values themselves are collapsed, and seen", () => {
  const found = pathsOf([{ by_user: { "jane@example.com": 1, "joe@example.com": 2 } }]);
  expect([...found]).toEqual([
    ["meta.by_user.*", ["jane@example.com", "1", "joe@example.com", "2"]],
  ]);
});

test("a map of many rare keys is one; many keys that all documents have are not", () => {
  const maps = pathsOf(
    Array.from({ length: 60 }, (_, i) => ({
      [`key${String.fromCodePoint(97 + (i % 26))}${i}x`]: "v",
    })),
  );
  expect([...maps.keys()]).toEqual(["meta.*"]);
  const wide = Object.fromEntries(
    Array.from({ length: 60 }, (_, i) => [
      `field_${String.fromCodePoint(97 + (i % 26))}${i}x`,
      "v",
    ]),
  );
  expect(pathsOf(Array.from({ length: 10 }, () => wide)).size).toBe(60);
});

test("every text of any JSON is met", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (document) => {
      const texts = (value: unknown): string[] => {
        if (typeof value === "string") return [value];
        if (typeof value !== "object" || value === null) return [];
        return Object.values(value).flatMap(texts);
      };
      const met = new Set([...pathsOf([document]).values()].flat());
      for (const text of texts(document)) expect(met.has(text)).toBe(true);
    }),
  );
});
