import type { Masker } from "./masker.ts";

export const prefix: Masker = {
  name: "prefix",
  gives: "the `first` characters of a text, the `first` bits of an address",
  accepts: ["text", "network"],
  options: ["first"],
  from: "value",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  refuse({ options: { first }, type }) {
    if (first === undefined) return "`prefix` needs `first`";
    return type.kind === "network" && first > 32 ? "an IPv4 address has 32 bits" : undefined;
  },
  compile({ value, text, type, options: { first = 0 } }) {
    if (type.kind === "text") return `left(${text}, ${first})`;
    const network = `network(set_masklen(${value}::inet, least(${first}, masklen(${value}::inet))))`;
    return type.base === "cidr" ? network : `${network}::inet`;
  },
};
