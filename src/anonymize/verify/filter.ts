/** A set of hashes in a fixed amount of memory, which may answer yes where it should say no. */

const places = 8;
const leastBits = 2 ** 20;
/** 32 MB. */
const mostBits = 2 ** 28;

/**
 * A Bloom filter. With 32 bits for each member one in 170,000 strangers passes; at its largest it has
 * those for 8 million members, and lets one in 5,000 pass with 14 million.
 */
export class HashFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;

  constructor(expected: number) {
    const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, expected) * 32));
    const bits = Math.min(mostBits, Math.max(leastBits, wanted));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  add(high: number, low: number): void {
    for (let n = 0, at = low; n < places; n += 1, at = (at + (high | 1)) | 0) {
      const bit = at & this.#mask;
      const word = bit >>> 5;
      this.#words[word] = (this.#words[word] ?? 0) | (1 << (bit & 31));
    }
  }

  has(high: number, low: number): boolean {
    for (let n = 0, at = low; n < places; n += 1, at = (at + (high | 1)) | 0) {
      const bit = at & this.#mask;
      if (((this.#words[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }
}
