import { fit, slug } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const username: Masker = {
  name: "username",
  gives: "two words and a number; where it must be unique, a word and 16 to 20 hex digits",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "drawn",
  strength: "strong",
  fold: "case",
  isLowerCase: true,
  refuse: ({ type, isUnique }) =>
    isUnique && type.maxLength !== undefined && type.maxLength < 17
      ? `${type.typeName} has no room for unique names, which need 17 characters`
      : undefined,
  compile({ draw, pick, type, isUnique, dictionary }) {
    const short = (words: readonly string[]) =>
      [...new Set(words.map(slug))].filter((word) => word.length > 2 && word.length <= 9);
    const adjectives = short(dictionary.adjective).slice(0, 400);
    const first = pick(adjectives.map((word) => `${word}_`));
    if (!isUnique) {
      const second = pick(short(dictionary.noun).slice(0, 400));
      return fit(`(${first} || ${second} || (10 + ${draw.below(90)})::text)`, type.maxLength);
    }
    // A letter first: many a check wants one.
    return type.maxLength !== undefined && type.maxLength < 30
      ? `('u' || ${draw.hex(8)})`
      : `(${first} || ${draw.hex(10)})`;
  },
};
