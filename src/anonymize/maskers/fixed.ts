import { literal } from "../../db/identifier.ts";
import type { Masker } from "./masker.ts";

export const fixed: Masker = {
  name: "fixed",
  gives: "the value that the rule says",
  accepts: "any",
  options: ["value"],
  from: "nothing",
  uniqueness: "lossy",
  strength: "strong",
  refuse({ options: { value }, isNullable, type }) {
    if (value === undefined) return "`fixed` needs a `value`";
    if (value === null && !isNullable) return "the column is NOT NULL";
    if (type.maxLength !== undefined && String(value).length > type.maxLength) {
      return `the value is longer than ${type.typeName}`;
    }
    return undefined;
  },
  compile: ({ options: { value = null }, type }) =>
    value === null ? "null" : literal(type.kind === "json" ? JSON.stringify(value) : String(value)),
};
