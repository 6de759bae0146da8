import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const fullName: Masker = {
  name: "full_name",
  gives: "a common first and last name",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ pick, type, dictionary }) =>
    fit(
      `(${pick([...dictionary.female, ...dictionary.male])} || ${pick(dictionary.last.map((name) => ` ${name}`))})`,
      type.maxLength,
    ),
};
