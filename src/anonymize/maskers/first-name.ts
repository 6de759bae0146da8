import { fit, pick } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const firstName: Masker = {
  name: "first_name",
  gives: "a common first name",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ draw, type, dictionary }) =>
    fit(pick(draw, [...dictionary.female, ...dictionary.male]), type.maxLength),
};
