import type { Masker } from "./masker.ts";

export const keep: Masker = {
  name: "keep",
  gives: "the original",
  accepts: "any",
  options: [],
  from: "value",
  uniqueness: "bijective",
  strength: "none",
  compile: ({ value }) => value,
};
