import { within } from "./bounds.ts";
import type { Masker } from "./masker.ts";

export const range: Masker = {
  name: "range",
  gives: "the lower end of the bucket it lies in, of the width that the rule says",
  accepts: ["integer", "number"],
  options: ["width"],
  from: "value",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  compile({ value, type, options: { width = 10 } }) {
    // Numeric holds every float, NaN and infinity too, and does not overflow on the way.
    return within(`floor(${value}::numeric / ${width}) * ${width}`, type);
  },
};
