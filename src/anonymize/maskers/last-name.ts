import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const lastName: Masker = {
  name: "last_name",
  gives: "a common last name",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ pick, type, dictionary }) => fit(pick(dictionary.last), type.maxLength),
};
