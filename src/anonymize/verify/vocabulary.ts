/** Words that come up in a target whatever its source held. */
import type { Dictionary } from "../../seed/dictionary.ts";
import { slug } from "../maskers/masker.ts";
import type { Place } from "./holdings.ts";
import { joinHash, type KeyedHash } from "./keyed-hash.ts";
import { RowReader } from "./words.ts";

/** The lists that a masker picks from. Maskers that are not named here draw digits, or nothing. */
const lists: Readonly<Record<string, (words: Dictionary) => readonly string[]>> = {
  first_name: ({ female, male }) => [...female, ...male],
  last_name: ({ last }) => last,
  full_name: ({ female, male, last }) => [...female, ...male, ...last],
  company: ({ last, companyNoun, companyKind }) => [...last, ...companyNoun, ...companyKind],
  street: ({ street }) => street,
  city: ({ city }) => city,
  country: ({ country }) => country,
  username: ({ adjective, noun }) => [...adjective, ...noun],
  email: ({ female, male, last }) => [...female, ...male, ...last],
};

/**
 * Hashes of all words that these maskers can write: whole, one by one, and cut as a target's rows are
 * (two words of "Port St. Lucie" are a text of their own there).
 */
export function hashMaskWords(
  maskers: ReadonlySet<string>,
  dictionary: Dictionary,
  hash: KeyedHash,
): Set<bigint> {
  const words = new Set<bigint>();
  const reader = new RowReader((bytes, from, to) => {
    hash.of(bytes, from, to);
    words.add(joinHash(hash.high, hash.low));
  });
  for (const masker of maskers) {
    for (const word of lists[masker]?.(dictionary) ?? []) {
      for (const one of [word, slug(word), ...word.split(/[^\p{L}\p{N}]+/u)]) {
        words.add(hash.ofText(one));
      }
      const row = Buffer.from(word);
      reader.read(row, 0, row.length);
    }
  }
  return words;
}

/** Where the schema's own words stand: in names and code, not in what people wrote beside them. */
const ownTexts = new Set([
  "name",
  "enum label",
  "constraint",
  "default",
  "view",
  "function",
  "policy",
  "trigger",
  "index",
]);

/**
 * Adds the hashes of the words in lower case that the schema itself is written with (`metric`,
 * `public`): such a word is a value that the application chose. The row is one of the catalog, as COPY
 * writes it, because upper case matters here.
 */
export function collectSchemaWords(
  row: Buffer,
  from: number,
  to: number,
  places: readonly Place[],
  hash: KeyedHash,
  words: Set<bigint>,
): void {
  const [place, , text = ""] = row.toString("utf8", from, to).split("\t");
  if (!ownTexts.has(places[Number(place)]?.column ?? "")) return;
  for (const [word] of text
    .replaceAll(/\\[nrt]/g, " ")
    .matchAll(/(?<![\p{L}\p{N}_])[a-z][a-z_]{4,}(?![\p{L}\p{N}_])/gu)) {
    const bytes = Buffer.from(word);
    hash.of(bytes, 0, bytes.length);
    words.add(joinHash(hash.high, hash.low));
  }
}
