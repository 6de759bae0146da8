import { literal } from "../../db/identifier.ts";
import type { Masker } from "./masker.ts";

/**
 * The account part by country, as the IBAN registry (ISO 13616) has it: letters at its beginning,
 * digits, letters at its end. Where a place takes both, a digit stands.
 */
const shapes: Readonly<Record<string, readonly [number, number, number]>> = {
  AD: [0, 20, 0],
  AE: [0, 19, 0],
  AL: [0, 24, 0],
  AT: [0, 16, 0],
  AZ: [4, 20, 0],
  BA: [0, 16, 0],
  BE: [0, 12, 0],
  BG: [4, 14, 0],
  BH: [4, 14, 0],
  BR: [0, 23, 2],
  BY: [4, 20, 0],
  CH: [0, 17, 0],
  CR: [0, 18, 0],
  CY: [0, 24, 0],
  CZ: [0, 20, 0],
  DE: [0, 18, 0],
  DK: [0, 14, 0],
  DO: [4, 20, 0],
  EE: [0, 16, 0],
  EG: [0, 25, 0],
  ES: [0, 20, 0],
  FI: [0, 14, 0],
  FO: [0, 14, 0],
  FR: [0, 23, 0],
  GB: [4, 14, 0],
  GE: [2, 16, 0],
  GI: [4, 15, 0],
  GL: [0, 14, 0],
  GR: [0, 23, 0],
  GT: [4, 20, 0],
  HR: [0, 17, 0],
  HU: [0, 24, 0],
  IE: [4, 14, 0],
  IL: [0, 19, 0],
  IS: [0, 22, 0],
  IT: [1, 22, 0],
  JO: [4, 22, 0],
  KW: [4, 22, 0],
  KZ: [0, 16, 0],
  LB: [0, 24, 0],
  LI: [0, 17, 0],
  LT: [0, 16, 0],
  LU: [0, 16, 0],
  LV: [4, 13, 0],
  MC: [0, 23, 0],
  MD: [0, 20, 0],
  ME: [0, 18, 0],
  MK: [0, 15, 0],
  MR: [0, 23, 0],
  MT: [4, 23, 0],
  MU: [4, 19, 3],
  NL: [4, 10, 0],
  NO: [0, 11, 0],
  PK: [4, 16, 0],
  PL: [0, 24, 0],
  PS: [4, 21, 0],
  PT: [0, 21, 0],
  QA: [4, 21, 0],
  RO: [4, 16, 0],
  RS: [0, 18, 0],
  SA: [0, 20, 0],
  SE: [0, 20, 0],
  SI: [0, 15, 0],
  SK: [0, 20, 0],
  SM: [1, 22, 0],
  TN: [0, 20, 0],
  TR: [0, 22, 0],
  UA: [0, 25, 0],
  VA: [0, 18, 0],
  XK: [0, 16, 0],
};

export const iban: Masker = {
  name: "iban",
  gives:
    "an IBAN of the same country with a valid check; its bank's letters are X, which no bank has",
  accepts: ["text"],
  options: ["country"],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  refuse({ options: { country = "DE" }, type }) {
    if (!shapes[country]) return `${country} has no IBAN`;
    return type.maxLength !== undefined && type.maxLength < 34
      ? `${type.typeName} has no room for every IBAN, which has up to 34 characters`
      : undefined;
  },
  compile({ text, draw, options: { country = "DE" } }) {
    const table = literal(JSON.stringify(shapes));
    const own = `upper(left(ltrim(${text}), 2))`;
    // Numbers stand for letters in the check: A is 10, X is 33. The 56 drawn bits fill as many
    // digits as there are, over and over.
    const code = "((ascii(c) - 55)::text || (ascii(right(c, 1)) - 55)::text)";
    return `(select c || lpad((98 - mod((repeat('33', l) || g || repeat('33', r) || ${code} || '00')::numeric, 97))::text, 2, '0')
        || repeat('X', l) || g || repeat('X', r)
      from (select c, (s ->> 0)::int as l, (s ->> 2)::int as r, left(repeat(lpad(n::text, 17, '7'), 2), (s ->> 1)::int) as g
        from (select c, n, ${table}::jsonb -> c as s
          from (select case when ${table}::jsonb ? ${own} then ${own} else '${country}' end as c, ${draw.integer(7)} as n offset 0) i offset 0) j offset 0) k)`;
  },
};
