import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const city: Masker = {
  name: "city",
  gives: "a city",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ pick, type, dictionary }) => fit(pick(dictionary.city), type.maxLength),
};
