import type { Masker } from "./masker.ts";

export const sql: Masker = {
  name: "sql",
  gives: "what the rule's expression gives",
  accepts: "any",
  options: ["sql"],
  from: "value",
  uniqueness: "lossy",
  strength: "strong",
  isShapedByOriginal: true,
  refuse: ({ options }) => (options.sql === undefined ? "`sql` needs an expression" : undefined),
  compile: ({ options: { sql: expression = "null" } }) => expression,
};
