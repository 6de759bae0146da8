import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const company: Masker = {
  name: "company",
  gives: "a made-up company",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ pick, type, dictionary }) =>
    fit(
      `(${pick(dictionary.last.map((name) => `${name} `))} || ${pick(dictionary.companyNoun.map((noun) => `${noun} `))} || ${pick(dictionary.companyKind)})`,
      type.maxLength,
    ),
};
