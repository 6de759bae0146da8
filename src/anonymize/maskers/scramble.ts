import { scrambled } from "./shape.ts";
import type { Masker } from "./masker.ts";

export const scramble: Masker = {
  name: "scramble",
  gives: "drawn letters for letters and digits for digits; length, spaces and punctuation stay",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  isShapedByOriginal: true,
  compile: scrambled,
};
