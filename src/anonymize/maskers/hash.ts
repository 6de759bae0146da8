import type { Masker } from "./masker.ts";

const leastUnique = 16;

export const hash: Masker = {
  name: "hash",
  gives: "32 hex digits, or as many as `length` says and the column has room for",
  accepts: ["text", "bytes"],
  options: ["length"],
  from: "draw",
  uniqueness: "drawn",
  strength: "strong",
  isLowerCase: true,
  refuse({ options: { length = 32 }, type, isUnique }) {
    const digits = Math.min(length, type.maxLength ?? length);
    return isUnique && digits < leastUnique
      ? `${digits} hex digits are too few to be unique; ${leastUnique} are needed`
      : undefined;
  },
  compile({ options: { length = 32 }, type, draw }) {
    if (type.kind === "bytes") return draw.bytes(Math.ceil(length / 2));
    const digits = Math.min(length, type.maxLength ?? length);
    const hex = draw.hex(Math.ceil(digits / 2));
    return digits % 2 === 0 ? hex : `left(${hex}, ${digits})`;
  },
};
