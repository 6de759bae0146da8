import { scrambled } from "./shape.ts";
import type { Masker } from "./masker.ts";

export const postcode: Masker = {
  name: "postcode",
  gives: "a code of the same shape: digits for digits, letters for letters",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  isShapedByOriginal: true,
  compile: scrambled,
};
