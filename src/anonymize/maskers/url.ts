import type { Masker } from "./masker.ts";

const begin = "https://example.com/";

export const url: Masker = {
  name: "url",
  gives: "https://example.com/ and 20 hex digits, with the file extension of a usual kind",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "drawn",
  strength: "strong",
  isLowerCase: true,
  refuse: ({ type }) =>
    type.maxLength !== undefined && type.maxLength < begin.length + 25
      ? `${type.typeName} has no room for an address, which has up to ${begin.length + 25} characters`
      : undefined,
  compile: ({ text, draw }) =>
    `('${begin}' || ${draw.hex(10)} || coalesce(substring(lower(${text}) from '[.](?:jpe?g|png|gif|webp|svg|mp4|mov|webm|mp3|pdf)(?=$|[?#])'), ''))`,
};
