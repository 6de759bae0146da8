/** What a name says: phrases of all detectors in it, whole words only, the longest first. */
import { detectors } from "./detectors/index.ts";
import { splitName } from "./name-words.ts";
import { antiTails, harmless, neutralTails, personWords } from "./name-context.ts";

/** strong: suffices by itself; weak: needs a table about people or values; not: speaks against it. */
export type Strength = "strong" | "weak" | "not";

export interface NameMatch {
  /** Null for a phrase that is known to be something else ("file name"). */
  readonly entity: string | null;
  readonly strength: Strength;
  readonly phrase: string;
  /** Of the thing that the table holds: `name` in `products`. */
  readonly isOfTable?: boolean;
}

interface Entry {
  readonly entity: string | null;
  readonly strength: "strong" | "weak" | "after-person";
}

const longestPhrase = 5;

// By the phrase without its blanks: `firstname`, `first_name` and `firstName` are one.
const entries = new Map<string, Entry[]>();

function add(phrases: string, entry: Entry): void {
  for (const phrase of phrases.split(",")) {
    const key = splitName(phrase.trim()).join("");
    if (key === "") continue;
    const known = entries.get(key) ?? [];
    if (!known.some(({ entity }) => entity === entry.entity)) entries.set(key, [...known, entry]);
  }
}

for (const { entity, names, weakNames = "", afterPerson = "" } of detectors) {
  add(names, { entity, strength: "strong" });
  add(weakNames, { entity, strength: "weak" });
  add(afterPerson, { entity, strength: "after-person" });
}
add(harmless, { entity: null, strength: "strong" });

interface Hit extends Entry {
  readonly from: number;
  readonly to: number;
  readonly length: number;
}

/** `parents`: the words of what the name stands in, a table's or an outer key's. */
export function readName(name: string, parents: readonly string[] = []): NameMatch[] {
  const words = splitName(name);
  const hits = coverWith(words);
  const matches: NameMatch[] = [];
  const rightmost = Math.max(
    -1,
    ...hits.filter(({ strength }) => strength === "strong").map(({ to }) => to),
  );
  const joined = words.some((word) =>
    ["or", "and", "oder", "und", "ou", "et", "y", "o"].includes(word),
  );
  for (const hit of hits) {
    const phrase = words.slice(hit.from, hit.to).join(" ");
    if (hit.entity === null) {
      matches.push({ entity: null, strength: "not", phrase });
      continue;
    }
    // In `last_login_ip` the last noun is what it is.
    if (hit.strength === "strong" && hit.to < rightmost && !joined) continue;
    const strength = strengthOf(hit, words, parents);
    if (strength === undefined) continue;
    const isOfTable = hit.strength === "after-person" && strength === "weak";
    matches.push({ entity: hit.entity, strength, phrase, ...(isOfTable ? { isOfTable } : {}) });
  }
  return matches;
}

/** True for words of which one is a person: "users", "customer accounts". */
export function areAboutPeople(words: readonly string[]): boolean {
  return words.some(isPerson);
}

/** Phrases that suffice by themselves, anywhere in a sentence. */
export function readSentence(sentence: string): ReadonlySet<string> {
  const hits = coverWith(splitName(sentence).slice(0, 60));
  return new Set(
    hits.flatMap(({ entity, strength, length }) =>
      entity !== null && strength === "strong" && length > 3 ? [entity] : [],
    ),
  );
}

/** Hits that do not overlap, the longest first. */
function coverWith(words: readonly string[]): Hit[] {
  const found: Hit[] = [];
  for (let from = 0; from < words.length; from += 1) {
    for (let to = from + 1; to <= Math.min(words.length, from + longestPhrase); to += 1) {
      const key = words.slice(from, to).join("");
      const known = entries.get(key) ?? singular(key).flatMap((one) => entries.get(one) ?? []);
      for (const entry of known) found.push({ ...entry, from, to, length: key.length });
    }
  }
  found.sort((one, other) => other.length - one.length);
  const taken: Hit[] = [];
  for (const hit of found) {
    const overlaps = (other: Hit) => hit.from < other.to && other.from < hit.to;
    const sharer = taken.find(overlaps);
    // Several detectors may know the very same phrase.
    if (sharer && (sharer.from !== hit.from || sharer.to !== hit.to)) continue;
    taken.push(hit);
  }
  return taken.toSorted((one, other) => one.from - other.from);
}

function singular(word: string): string[] {
  if (word.length < 5 || !word.endsWith("s")) return [];
  return word.endsWith("es") ? [word.slice(0, -1), word.slice(0, -2)] : [word.slice(0, -1)];
}

function isPerson(word: string): boolean {
  return personWords.has(word) || singular(word).some((one) => personWords.has(one));
}

function strengthOf(
  hit: Hit,
  words: readonly string[],
  parents: readonly string[],
): Strength | undefined {
  const tail = words.slice(hit.to);
  const isAnti = tail.some((word) => antiTails.has(word)) || startsAnti(words, hit);
  if (hit.strength === "after-person") {
    if (tail.some((word) => !neutralTails.has(word) && !isPerson(word))) return undefined;
    const before = words[hit.from - 1];
    if (before === undefined) return areAboutPeople(parents) ? "strong" : "weak";
    return isPerson(before) ? "strong" : undefined;
  }
  if (isAnti) return "not";
  const isNeutral = tail.every((word) => neutralTails.has(word) || isPerson(word));
  if (hit.strength === "weak") {
    const head = words.slice(0, hit.from);
    const isPlain = head.every(
      (word) => neutralTails.has(word) || isPerson(word) || isFiller(word),
    );
    return isNeutral && isPlain ? "weak" : undefined;
  }
  return isNeutral ? "strong" : "weak";
}

/** `num_emails`, `max_phone`, `has_address`, `is_email_verified`. */
function startsAnti(words: readonly string[], hit: Hit): boolean {
  const [first = ""] = words;
  return (
    hit.from > 0 &&
    [
      "count",
      "max",
      "min",
      "avg",
      "sum",
      "total",
      "has",
      "allow",
      "require",
      "requires",
      "enable",
      "enabled",
      "send",
      "show",
      "default",
      "use",
      "can",
      "should",
      "invalid",
      "missing",
    ].includes(first)
  );
}

function isFiller(word: string): boolean {
  return word.length === 1 || /^\d+$/.test(word);
}
