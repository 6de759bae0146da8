/** Looks for thousands of texts at once, anywhere in what is read: within words, across them. */

/** Bytes of a text that are looked at first. */
const window = 8;
/** Shorter ones are found as words. */
export const leastSearched = window;
/** From here on a text may stand inside a longer word and still be no chance. */
const longEnough = 12;
const bits = 2 ** 22;

interface Pattern {
  readonly bytes: Uint8Array;
  /** Where in it the window stands. */
  readonly offset: number;
  readonly id: number;
}

export class TextSearch {
  readonly #marks = new Uint32Array(bits / 32);
  readonly #patterns = new Map<number, Pattern[]>();

  /** Texts in lower case, of at least `leastSearched` bytes; each is known by its index. */
  constructor(texts: readonly string[]) {
    const all = texts.map((text) => Buffer.from(text));
    // The window that fewest of them share: not the `https://` nor the `@example.com`.
    const counts = new Map<number, number>();
    for (const bytes of all) {
      for (let at = 0; at + window <= bytes.length; at += 1) {
        const key = keyAt(bytes, at);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    for (const [id, bytes] of all.entries()) {
      let offset = 0;
      let least = Infinity;
      for (let at = 0; at + window <= bytes.length; at += 1) {
        const count = counts.get(keyAt(bytes, at)) ?? 0;
        if (count < least) [least, offset] = [count, at];
      }
      if (least === Infinity) continue;
      const key = keyAt(bytes, offset);
      const pattern = { bytes, offset, id };
      const known = this.#patterns.get(key);
      if (known) known.push(pattern);
      else this.#patterns.set(key, [pattern]);
      const bit = mark(bytes.readUInt32BE(offset), bytes.readUInt32BE(offset + 4));
      this.#marks[bit >>> 5] = (this.#marks[bit >>> 5] ?? 0) | (1 << (bit & 31));
    }
  }

  /** Calls back with the text's index and where it begins. */
  search(bytes: Uint8Array, length: number, onHit: (id: number, at: number) => void): void {
    if (this.#patterns.size === 0) return;
    let high = 0;
    let low = 0;
    for (let at = 0; at < length; at += 1) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[at] ?? 0);
      const bit = mark(high, low);
      if (((this.#marks[bit >>> 5] ?? 0) & (1 << (bit & 31))) === 0) continue;
      const start = at - window + 1;
      if (start < 0) continue;
      for (const { bytes: wanted, offset, id } of this.#patterns.get(keyOf(high, low)) ?? []) {
        const from = start - offset;
        if (matches(bytes, from, length, wanted)) onHit(id, from);
      }
    }
  }
}

function matches(bytes: Uint8Array, from: number, length: number, wanted: Uint8Array): boolean {
  const to = from + wanted.length;
  if (from < 0 || to > length) return false;
  for (let n = 0; n < wanted.length; n += 1) if (bytes[from + n] !== wanted[n]) return false;
  if (wanted.length >= longEnough) return true;
  return !isLetter(bytes[from - 1]) && !isLetter(bytes[to]);
}

function isLetter(byte: number | undefined): boolean {
  return (
    byte !== undefined &&
    (byte >= 0x80 || (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39))
  );
}

function mark(high: number, low: number): number {
  return ((Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 7) & (bits - 1);
}

/** 53 of the 64 bits: what matches is compared byte by byte. */
function keyOf(high: number, low: number): number {
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

function keyAt(bytes: Buffer, at: number): number {
  return keyOf(bytes.readInt32BE(at), bytes.readInt32BE(at + 4));
}
