import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const street: Masker = {
  name: "street",
  gives: "a street and a number from 1 to 256",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile: ({ draw, pick, type, dictionary }) =>
    fit(
      `((1 + ${draw.below(256)})::text || ${pick(dictionary.street.map((name) => ` ${name}`))})`,
      type.maxLength,
    ),
};
