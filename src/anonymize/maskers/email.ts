import type { Masker, MaskInput } from "./masker.ts";
import { slug } from "./masker.ts";

const domain = "@example.com";
/** 80 bits: of 10^8 addresses two are the same in four of 10^9 runs. */
const tokenBytes = 10;
/** Below 64 bits nothing is called unique. */
const leastUnique = 8;

export const email: Masker = {
  name: "email",
  gives: "first.last.<20 hex digits>@example.com, a domain that nobody owns (RFC 2606)",
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "drawn",
  strength: "strong",
  fold: "address",
  isLowerCase: true,
  refuse({ type, isUnique }) {
    const room = tokenRoom(type.maxLength);
    if (isUnique && room < leastUnique) {
      return `${type.typeName} has no room for unique addresses, which need ${2 * leastUnique + domain.length} characters`;
    }
    return room < 1 ? `${type.typeName} has no room for an address` : undefined;
  },
  compile({ draw, pick, type, dictionary }: MaskInput): string {
    const token = draw.hex(Math.min(tokenBytes, tokenRoom(type.maxLength)));
    const names = namesOf(dictionary);
    const longest = 2 * tokenBytes + domain.length + 2 + 2 * nameLength;
    if (type.maxLength !== undefined && type.maxLength < longest)
      return `(${token} || '${domain}')`;
    // The dots come with the words: each `||` less is a copy less.
    const first = pick(names.first.map((name) => `${name}.`));
    const last = pick(names.last.map((name) => `${name}.`));
    return `(${first} || ${last} || ${token} || '${domain}')`;
  },
};

function tokenRoom(maxLength: number | undefined): number {
  return maxLength === undefined ? tokenBytes : Math.floor((maxLength - domain.length) / 2);
}

const nameLength = 12;

/** Names short enough that the part before the @ keeps to the 64 characters of RFC 5321. */
function namesOf(dictionary: MaskInput["dictionary"]): { first: string[]; last: string[] } {
  const short = (words: readonly string[]) =>
    [...new Set(words.map(slug))].filter((word) => word.length > 1 && word.length <= nameLength);
  return {
    first: short([...dictionary.female, ...dictionary.male]).slice(0, 500),
    last: short(dictionary.last).slice(0, 500),
  };
}
