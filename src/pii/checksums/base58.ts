/** The checks of Bitcoin addresses. */
import { createHash } from "node:crypto";

const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** Base58Check: the last four bytes are the first of the double SHA-256 of those before. */
export function isBase58Check(text: string): boolean {
  let number = 0n;
  for (const character of text) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return false;
    number = number * 58n + BigInt(digit);
  }
  const hex = number.toString(16).padStart(50, "0");
  if (hex.length !== 50) return false;
  const bytes = Buffer.from(hex, "hex");
  const sum = sha256(sha256(bytes.subarray(0, 21)));
  return sum.subarray(0, 4).equals(bytes.subarray(21));
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}

const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generator = [0x3b_6a_57_b2, 0x26_50_8e_6d, 0x1e_a1_19_fa, 0x3d_42_33_dd, 0x2a_14_62_b3];

/** Bech32 (BIP 173) and Bech32m (BIP 350): the polynomial ends in 1 or 0x2bc830a3. */
export function isBech32(text: string): boolean {
  const lower = text.toLowerCase();
  const split = lower.lastIndexOf("1");
  const data = Array.from(lower.slice(split + 1)).map((character) =>
    bech32Alphabet.indexOf(character),
  );
  if (split < 1 || data.length < 6 || data.includes(-1)) return false;
  const prefix = Array.from(lower.slice(0, split)).map(
    (character) => character.codePointAt(0) ?? 0,
  );
  const values = [
    ...prefix.map((code) => code >> 5),
    0,
    ...prefix.map((code) => code & 31),
    ...data,
  ];
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1_ff_ff_ff) << 5) ^ value;
    for (const [i, term] of generator.entries()) if ((top >> i) & 1) check ^= term;
  }
  return check === 1 || check === 0x2b_c8_30_a3;
}
