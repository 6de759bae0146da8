/** Drawn letters and digits for those of an ASCII text, all characters at once. */
import { letterPlaces, longestPiece } from "../letters.ts";

/**
 * SQL that masks a text as one string of bits: a `varbit` has `&`, `|`, `#`, `~` and shifts in C, which
 * take as long for 30 characters as a row of a subquery takes for one or two.
 *
 * Shifted left by n, the highest bit of each byte is that byte's nth bit from the left; what kind of
 * character it is follows from these bits (0x41–0x5a and 0x61–0x7a are letters, 0x30–0x39 digits). In
 * a letter the lower five bits are replaced, in a digit four, by those of drawn letters.
 *
 * The letters are two pieces of a long row of them, from drawn places: a half of the text each, so
 * that 2^28 texts can come out. Texts too long for that repeat the row.
 *
 * `varbit_send` is the only way back to bytes: four bytes of length, then the bits. Operators have
 * one precedence in PostgreSQL, so every one of them is in brackets.
 *
 * @param bytes SQL of the text's bytes, a name that may come several times.
 * @param letters SQL of the varbit that letters.ts describes.
 * @param places SQL of two whole numbers below `letterPlaces`.
 */
export function scrambledAscii(
  bytes: string,
  letters: string,
  places: readonly [string, string],
): string {
  const [first, second] = places;
  const piece = (place: string, length: string) =>
    `substring(${letters}, 8 * ${place} + 1, 8 * ${length})`;
  const short = `${piece(first, "(n / 2)")} || ${piece(second, "(n - n / 2)")}`;
  // Cut back to where the row begins again.
  const row = `substring(${letters}, 1, ${8 * letterPlaces})`;
  const hex = `encode(substr(varbit_send(${row}), 5), 'hex')`;
  const long = `('x' || substr(repeat(${hex}, 2 + n / ${letterPlaces}), 2 * ${first} + 1, 2 * n))::varbit`;
  // A constant, which the planner reads once.
  const tops = `('x' || repeat('80', ${longestPiece}))::varbit`;
  const strings = `select ('x' || encode(${bytes}, 'hex'))::varbit as x,
    case when n <= ${longestPiece} then ${short} else ${long} end as d,
    case when n <= ${longestPiece} then substring(${tops}, 1, 8 * n) else ('x' || repeat('80', n))::varbit end as m
    from (select octet_length(${bytes}) as n offset 0) s1 offset 0`;
  const shifts = [1, 2, 3, 4, 5, 6, 7].map((n) => `(x << ${n}) as x${n}`).join(", ");
  const shifted = `select x, d, m, ${shifts} from (${strings}) s2 offset 0`;
  const isLetter =
    "((x1 & m) & ((x3 | (x4 | (x5 | (x6 | x7)))) & (~((x3 & x4) & (x5 | (x6 & x7))))))";
  const isDigit = "((((~x1) & m) & (x2 & x3)) & (~(x4 & (x5 | x6))))";
  const kinds = `select x, d, ${isLetter} as l, ${isDigit} as n from (${shifted}) s3 offset 0`;
  const pairs = `select x, (x # d) as c, l, (((l | n) >> 4) | ((l | n) >> 5)) as h from (${kinds}) s4 offset 0`;
  const masked = "(x # (c & (h | ((h >> 2) | (l >> 3)))))";
  return `(select convert_from(substr(varbit_send(${masked}), 5), 'UTF8') from (${pairs}) s5)`;
}
