/** Words that come up in a target whatever its source held. */
import type { Session } from "../../db/session.ts";
import type { Dictionary } from "../../seed/dictionary.ts";
import { slug } from "../maskers/masker.ts";
import { hashSql, leastLength } from "./hash.ts";
import { catalogOf } from "./holdings.ts";

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

/** Hashes of all words that these maskers can write, whole and one by one. */
export async function hashMaskWords(
  session: Session,
  maskers: ReadonlySet<string>,
  dictionary: Dictionary,
): Promise<Set<bigint>> {
  const words = new Set<string>();
  for (const masker of maskers) {
    for (const word of lists[masker]?.(dictionary) ?? []) {
      for (const one of [word, slug(word), ...word.split(/[^\p{L}\p{N}]+/u)]) {
        if (one.length >= leastLength) words.add(one);
      }
    }
  }
  const rows = await session.query<{ hash: string }>(
    `select ${hashSql("w")}::text as hash from jsonb_array_elements_text($1::text::jsonb) w`,
    [JSON.stringify([...words])],
  );
  return new Set(rows.map(({ hash }) => BigInt(hash)));
}

/** Where the schema's own words stand: in names and code, not in what people wrote beside them. */
const ownTexts = [
  "name",
  "enum label",
  "constraint",
  "default",
  "view",
  "function",
  "policy",
  "trigger",
  "index",
];

/**
 * Hashes of the words in lower case that the schema itself is written with (`metric`, `public`): such a
 * word is a value that the application chose.
 */
export async function hashSchemaWords(session: Session): Promise<Set<bigint>> {
  const rows = await session.query<{ hash: string }>(
    `select distinct ${hashSql("w")}::text as hash
     from (${catalogOf(ownTexts)}) t,
       lateral (select string_to_table(translate(t.text, E'\\n\\t.,;:!?()[]{}<>"''/\\\\|@#&=+*~^%$-', repeat(' ', 40)), ' ')) s(w)
     where w ~ '^[a-z][a-z_]{4,}$'`,
  );
  return new Set(rows.map(({ hash }) => BigInt(hash)));
}
