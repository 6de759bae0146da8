import type { Masker } from "./masker.ts";

export const mac: Masker = {
  name: "mac",
  gives: "a locally administered address (02:…), which no maker gives out",
  accepts: ["mac", "text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  refuse: ({ type }) =>
    type.maxLength !== undefined && type.maxLength < 17
      ? `${type.typeName} has no room for an address, which has 17 characters`
      : undefined,
  compile({ type, draw }) {
    const hex = `('02' || ${draw.hex(type.base === "macaddr8" ? 7 : 5)})`;
    if (type.base === "macaddr8") return `${hex}::macaddr8`;
    return type.kind === "text" ? `${hex}::macaddr::text` : `${hex}::macaddr`;
  },
};
