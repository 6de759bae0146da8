import { fit, pick } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const company: Masker = {
  name: "company",
  gives: "a made-up company",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ draw, type, dictionary }) =>
    fit(
      `(${pick(draw, dictionary.last)} || ' ' || ${pick(draw, dictionary.companyNoun)} || ' ' || ${pick(draw, dictionary.companyKind)})`,
      type.maxLength,
    ),
};
