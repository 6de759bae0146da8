import { fit } from "./masker.ts";
import type { Masker } from "./masker.ts";

export const country: Masker = {
  name: "country",
  gives:
    "a country: its name, or two letters where the original has two or the column no more room",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  compile({ pick, text, type, dictionary }) {
    const code = pick(dictionary.countryCode);
    if (type.maxLength !== undefined && type.maxLength < 4) return fit(code, type.maxLength);
    const name = fit(pick(dictionary.country), type.maxLength);
    return `case when length(${text}) = 2 then ${code} else ${name} end`;
  },
};
