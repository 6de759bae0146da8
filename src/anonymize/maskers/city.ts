import { fit, pick } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const city: Masker = {
  name: "city",
  gives: "a city",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ draw, type, dictionary }) => fit(pick(draw, dictionary.city), type.maxLength),
};
