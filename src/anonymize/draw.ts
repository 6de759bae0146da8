/** Bits of a digest, handed out to maskers: no two draws of one source share a bit. */
import { PgwrightError } from "../errors.ts";

/** SQL of a digest of 32 bytes, and which of them may be used. */
export interface Digest {
  readonly sql: string;
  readonly from: number;
  readonly to: number;
}

/** Hands out bytes of one digest after the other. */
export class Draw {
  readonly #next: () => Digest | undefined;
  /** SQL of the 32 bytes that key a permutation of the column's domain. */
  readonly roundKey: () => string;
  #digest: Digest | undefined;
  #at = 0;

  /** `next` gives a further digest where one is spent, undefined where there is only one. */
  constructor(next: () => Digest | undefined, roundKey: () => string) {
    this.#next = next;
    this.roundKey = roundKey;
  }

  /** SQL of a bytea of that many drawn bytes. */
  bytes(count: number): string {
    const { sql, at } = this.#take(count);
    return at === 0 && count === 32 ? sql : `substr(${sql}, ${at + 1}, ${count})`;
  }

  /** The same drawn bytes for two uses of which a row sees one: as a bytea, and each as a number. */
  twice(count: number): { readonly bytes: string; byte(n: number): string } {
    const { sql, at } = this.#take(count);
    return {
      bytes: `substr(${sql}, ${at + 1}, ${count})`,
      byte: (n) => `get_byte(${sql}, ${at + n})`,
    };
  }

  /** SQL of a text of that many drawn bytes, two hex digits each. */
  hex(count: number): string {
    return `encode(${this.bytes(count)}, 'hex')`;
  }

  /** SQL of a whole number from 0 below 256^bytes: int4 up to three bytes, int8 up to seven. */
  integer(count: number): string {
    const { sql, at } = this.#take(count);
    const cast = count > 3 ? "::int8" : "";
    const parts = Array.from({ length: count }, (_, n) => {
      const shift = 8 * (count - 1 - n);
      const byte = `get_byte(${sql}, ${at + n})${cast}`;
      return shift === 0 ? byte : `(${byte} << ${shift})`;
    });
    return `(${parts.join(" | ")})`;
  }

  /**
   * SQL of a whole number from 0 below `count`. Six bits more than the count has are drawn where it
   * is no power of two, so that no number is more than 1/64 likelier than another; a list of up to
   * 1,024 words is served by two bytes.
   */
  below(count: number): string {
    if (count <= 1) return "0";
    const bits = Math.log2(count);
    const bytes = Math.min(7, Math.ceil((Number.isInteger(bits) ? bits : Math.ceil(bits) + 6) / 8));
    return `(${this.integer(bytes)} % ${count})`;
  }

  #take(count: number): { sql: string; at: number } {
    if (!this.#digest || this.#at + count > this.#digest.to) {
      const digest = this.#next();
      if (!digest || digest.from + count > digest.to) {
        throw new PgwrightError("internal", `a masker drew ${count} bytes more than there are`);
      }
      this.#digest = digest;
      this.#at = digest.from;
    }
    const at = this.#at;
    this.#at += count;
    return { sql: this.#digest.sql, at };
  }
}
