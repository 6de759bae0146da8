import type { Masker } from "./masker.ts";

export const shuffle: Masker = {
  name: "shuffle",
  gives: "the value of another row of the table or partition; which values there are stays visible",
  accepts: "any",
  options: [],
  from: "draw",
  uniqueness: "bijective",
  strength: "weak",
  isShapedByOriginal: true,
  compile: ({ shuffled }) => shuffled(),
};
