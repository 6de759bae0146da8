import type { Masker } from "./masker.ts";

export const nothing: Masker = {
  name: "null",
  gives: "NULL",
  accepts: "any",
  options: [],
  from: "nothing",
  // Unique keys do not compare NULL, and the proof knows those that do.
  uniqueness: "lossy",
  strength: "strong",
  refuse: ({ isNullable }) =>
    isNullable ? undefined : "the column is NOT NULL; `fixed` gives it a value",
  compile: () => "null",
};
