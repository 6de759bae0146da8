import { expect, test } from "vitest";
import { KeyedHash } from "../../../../src/anonymize/verify/keyed-hash.ts";
import { hashMaskWords } from "../../../../src/anonymize/verify/vocabulary.ts";
import { loadDictionary } from "../../../../src/seed/dictionary.ts";

test("a word of a list is known however a target's row is cut", async () => {
  const dictionary = { ...(await loadDictionary("en")), city: ["Port St. Lucie"] };
  const hash = new KeyedHash("42");
  const words = hashMaskWords(new Set(["city"]), dictionary, hash);
  for (const text of ["Port St. Lucie", "port st", "Lucie"]) {
    expect.soft(words.has(hash.ofText(text)), text).toBe(true);
  }
  expect(words.has(hash.ofText("Lucie Port"))).toBe(false);
});
