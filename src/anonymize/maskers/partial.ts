import { literal } from "../../db/identifier.ts";
import type { Masker } from "./masker.ts";

export const partial: Masker = {
  name: "partial",
  gives: "the `first` and `last` characters of the original, a sign for each of the others",
  accepts: ["text"],
  options: ["first", "last", "with"],
  from: "value",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  refuse({ options: { first = 0, last = 0, with: sign = "*" } }) {
    if (first + last === 0) return "`partial` needs `first` or `last`";
    return Array.from(sign).length === 1 ? undefined : "`with` must be one character";
  },
  compile({ text, options: { first = 0, last = 0, with: sign = "*" } }) {
    const star = literal(sign);
    const rest = `repeat(${star}, length(${text}) - ${first + last})`;
    // What is too short to hide anything in is hidden whole.
    return `case when length(${text}) > ${first + last}
      then left(${text}, ${first}) || ${rest} || ${last === 0 ? "''" : `right(${text}, ${last})`}
      else repeat(${star}, length(${text})) end`;
  },
};
