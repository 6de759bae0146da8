import { fit, pick } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const fullName: Masker = {
  name: "full_name",
  gives: "a common first and last name",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ draw, type, dictionary }) =>
    fit(
      `(${pick(draw, [...dictionary.female, ...dictionary.male])} || ' ' || ${pick(draw, dictionary.last)})`,
      type.maxLength,
    ),
};
