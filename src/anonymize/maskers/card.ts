import type { Masker } from "./masker.ts";

/** 400000 begins the numbers that payment providers take for tests and no bank gives out. */
const begin = "400000";

export const card: Masker = {
  name: "card",
  gives: `a card number of 16 digits that begins with ${begin}, which is for tests, with its check digit`,
  accepts: ["text"],
  options: [],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  refuse: ({ type }) =>
    type.maxLength !== undefined && type.maxLength < 16
      ? `${type.typeName} has no room for 16 digits`
      : undefined,
  compile({ draw }) {
    // Luhn: every second digit from the right of what stands before the check digit is doubled, and
    // less 9 where that has two digits. The 4 of the beginning is one of them.
    const digit = (place: number) => `(n / ${10 ** place} % 10)`;
    const terms = Array.from({ length: 9 }, (_, place) =>
      place % 2 === 0 ? `2 * ${digit(place)} - 9 * (${digit(place)} / 5)` : digit(place),
    );
    return `(select '${begin}' || lpad(n::text, 9, '0') || ((10 - (8 + ${terms.join(" + ")}) % 10) % 10)::text
      from (select ${draw.below(1_000_000_000)} as n offset 0) s)`;
  },
};
