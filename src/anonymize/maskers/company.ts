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
      `(${pick(dictionary.last)} || ' ' || ${pick(dictionary.companyNoun)} || ' ' || ${pick(dictionary.companyKind)})`,
      type.maxLength,
    ),
};
