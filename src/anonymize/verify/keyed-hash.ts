/** PostgreSQL's own hash of a text, `hashtextextended`, so that words can be hashed where they are cut. */

/**
 * Bob Jenkins' lookup3 with a seed, as `hash_bytes_extended` in src/common/hashfn.c has it on
 * little-endian machines. The server is asked for a hash before anything is compared (hash-sql.ts).
 */
export class KeyedHash {
  /** Halves of the last hash, signed. */
  high = 0;
  low = 0;
  readonly #seedHigh: number;
  readonly #seedLow: number;

  constructor(seed: string) {
    const value = BigInt.asUintN(64, BigInt(seed));
    this.#seedHigh = Number(value >> 32n) | 0;
    this.#seedLow = Number(value & 0xffffffffn) | 0;
  }

  /** Hashes bytes `from` to before `to`; the result is in `high` and `low`. */
  of(bytes: Uint8Array, from: number, to: number): void {
    let length = to - from;
    let a = (0x9e3779b9 + length + 3923095) | 0;
    let b = a;
    let c = a;
    let at = from;
    let isSeeding = this.#seedHigh !== 0 || this.#seedLow !== 0;
    if (isSeeding) {
      a = (a + this.#seedHigh) | 0;
      b = (b + this.#seedLow) | 0;
    }
    while (isSeeding || length >= 12) {
      if (!isSeeding) {
        a = (a + word(bytes, at)) | 0;
        b = (b + word(bytes, at + 4)) | 0;
        c = (c + word(bytes, at + 8)) | 0;
        at += 12;
        length -= 12;
      }
      isSeeding = false;
      a = (a - c) ^ ((c << 4) | (c >>> 28));
      c = (c + b) | 0;
      b = (b - a) ^ ((a << 6) | (a >>> 26));
      a = (a + c) | 0;
      c = (c - b) ^ ((b << 8) | (b >>> 24));
      b = (b + a) | 0;
      a = (a - c) ^ ((c << 16) | (c >>> 16));
      c = (c + b) | 0;
      b = (b - a) ^ ((a << 19) | (a >>> 13));
      a = (a + c) | 0;
      c = (c - b) ^ ((b << 4) | (b >>> 28));
      b = (b + a) | 0;
    }
    // Beyond the end there are zeros; the lowest byte of c is that of the length.
    a = (a + partial(bytes, at, length)) | 0;
    b = (b + partial(bytes, at + 4, length - 4)) | 0;
    c = (c + (partial(bytes, at + 8, length - 8) << 8)) | 0;
    c = (c ^ b) - ((b << 14) | (b >>> 18));
    a = (a ^ c) - ((c << 11) | (c >>> 21));
    b = (b ^ a) - ((a << 25) | (a >>> 7));
    c = (c ^ b) - ((b << 16) | (b >>> 16));
    a = (a ^ c) - ((c << 4) | (c >>> 28));
    b = (b ^ a) - ((a << 14) | (a >>> 18));
    c = (c ^ b) - ((b << 24) | (b >>> 8));
    this.high = b | 0;
    this.low = c | 0;
  }

  ofText(text: string): bigint {
    const bytes = Buffer.from(text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));
    this.of(bytes, 0, bytes.length);
    return joinHash(this.high, this.low);
  }
}

/** A hash as one value: that of the server's int8. */
export function joinHash(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

function partial(bytes: Uint8Array, at: number, count: number): number {
  if (count >= 4) return word(bytes, at);
  let value = 0;
  for (let n = 0; n < count; n += 1) value |= (bytes[at + n] ?? 0) << (8 * n);
  return value;
}
