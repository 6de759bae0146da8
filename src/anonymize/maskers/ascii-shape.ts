/** Drawn letters and digits for those of an ASCII text, all characters at once. */

/**
 * SQL that masks a text as one string of bits: a `varbit` has `&`, `|`, `~` and shifts in C, which
 * take as long for 26 characters as a row of a subquery takes for one or two.
 *
 * Shifted left by n, the highest bit of each byte is that byte's nth bit from the left; what kind of
 * character it is follows from these bits (0x41–0x5a and 0x61–0x7a are letters, 0x30–0x39 digits). In
 * a letter the lower five bits are replaced, in a digit four. In their place stands a drawn nibble of
 * 0 to 9, and above it a drawn bit, set always where the nibble is 0 or 8, for no letter is 0: digits
 * 0–9, letters a–g, i and p–y.
 *
 * `varbit_send` is the only way back to bytes: four bytes of length, then the bits. Operators have
 * one precedence in PostgreSQL, so every one of them is in brackets.
 *
 * @param bits SQL of 64 bytes, a byte for each character; from the 65th on they come again.
 */
export function scrambledAscii(text: string, bits: string): string {
  const source = `select convert_to(${text}, 'UTF8') as b, encode(${bits}, 'hex') as g offset 0`;
  const strings = `select ('x' || encode(b, 'hex'))::varbit as x,
    ('x' || left(repeat(g, 1 + octet_length(b) / 64), 2 * octet_length(b)))::varbit as d,
    ('x' || repeat('80', octet_length(b)))::varbit as m from (${source}) s1 offset 0`;
  const shifts = [1, 2, 3, 4, 5, 6, 7].map((n) => `(x << ${n}) as x${n}`).join(", ");
  const shifted = `select x, d, m, ${shifts} from (${strings}) s2 offset 0`;
  const sixteen = "((d | (~((d << 2) | ((d << 3) | (d << 4))))) & (m >> 3))";
  const eight = "((d & (~((d << 1) | (d << 2)))) & (m >> 4))";
  const seven = "(d & ((m >> 5) | ((m >> 6) | (m >> 7))))";
  const isLetter =
    "((x1 & m) & ((x3 | (x4 | (x5 | (x6 | x7)))) & (~((x3 & x4) & (x5 | (x6 & x7))))))";
  const isDigit = "((((~x1) & m) & (x2 & x3)) & (~(x4 & (x5 | x6))))";
  const kinds = `select x, (${sixteen} | (${eight} | ${seven})) as d, ${isLetter} as l, ${isDigit} as n from (${shifted}) s3 offset 0`;
  const pairs = `select x, d, l, (((l | n) >> 4) | ((l | n) >> 5)) as h from (${kinds}) s4 offset 0`;
  const places = `select x, d, (h | ((h >> 2) | (l >> 3))) as p from (${pairs}) s5 offset 0`;
  return `(select convert_from(substr(varbit_send((x & (~p)) | (d & p)), 5), 'UTF8') from (${places}) s6)`;
}
