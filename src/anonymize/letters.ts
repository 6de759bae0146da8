/** A long row of drawn letters, from which shaped texts take theirs. */
import { createCipheriv } from "node:crypto";
import { derive, type MaskingKey } from "./key.ts";

/** Places at which a piece may begin: 14 bits of a draw. */
export const letterPlaces = 2 ** 14;

/** Bytes that a piece may have. */
export const longestPiece = 1024;

/**
 * The lower five bits of letters as hex, two digits a byte: 1 to 9 and 16 to 25, which are a–i and
 * p–y, and the lower four of which are digits. It is drawn once for a key, so that masking a text
 * costs the copy of a piece and no digest of its own.
 *
 * After `letterPlaces` bytes it begins again, so that a piece may begin anywhere.
 */
export function drawLetters(key: MaskingKey): string {
  const cipher = createCipheriv("aes-256-ctr", derive(key, "letters"), Buffer.alloc(16));
  const drawn = cipher.update(Buffer.alloc(2 * letterPlaces));
  const letters = Buffer.from(
    Array.from({ length: letterPlaces + longestPiece }, (_, n) => {
      const bits = drawn.readUInt16BE(2 * (n % letterPlaces));
      const nibble = (bits >> 1) % 10;
      // No letter is 0 or 0x1a to 0x1f; 0 is a digit, and with the fifth bit the letter p.
      return nibble === 0 || bits % 2 === 1 ? 16 + nibble : nibble;
    }),
  );
  return letters.toString("hex");
}
