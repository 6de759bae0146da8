import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const firstName: Masker = {
  name: "first_name",
  gives: "a common first name",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ pick, type, dictionary }) =>
    fit(pick([...dictionary.female, ...dictionary.male]), type.maxLength),
};
