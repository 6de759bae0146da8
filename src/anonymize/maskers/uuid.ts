import type { Masker } from "./masker.ts";

export const uuid: Masker = {
  name: "uuid",
  gives: "a random UUID (version 4)",
  accepts: ["uuid", "text"],
  options: [],
  from: "draw",
  uniqueness: "drawn",
  strength: "strong",
  isLowerCase: true,
  refuse: ({ type }) =>
    type.maxLength !== undefined && type.maxLength < 36
      ? `${type.typeName} has no room for a UUID, which has 36 characters`
      : undefined,
  compile({ draw, type }) {
    // Version and variant stand in bytes 6 and 8 (RFC 9562).
    const bytes = draw.bytes(16);
    const marked = `set_byte(set_byte(${bytes}, 6, get_byte(${bytes}, 6) & 15 | 64), 8, get_byte(${bytes}, 8) & 63 | 128)`;
    const hex = `encode(${marked}, 'hex')::uuid`;
    return type.kind === "text" ? `${hex}::text` : hex;
  },
};
