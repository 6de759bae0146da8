/** The random numbers of one column. */
import { below, type Key, permute, unit, word } from "./hash.ts";
import { Impossible } from "./scope.ts";

/** Rows that were drawn again because the server refused the first draw; most have no entry. */
export type Attempts = Map<number, number>;

export class Draw {
  readonly key: Key;
  readonly #attempts: Attempts;
  readonly #per: number;

  /** With `per`, so many numbers are drawn for each row: the members of a list. */
  constructor(key: Key, attempts: Attempts, per = 1) {
    this.key = key;
    this.#attempts = attempts;
    this.#per = per;
  }

  /** The same numbers; what is drawn for `row * per` and those after it is drawn again with the row. */
  forMembers(per: number): Draw {
    return new Draw(this.key, this.#attempts, this.#per * per);
  }

  /** How often this row was drawn before. */
  attempt(row: number): number {
    return this.#attempts.size === 0 ? 0 : (this.#attempts.get(Math.floor(row / this.#per)) ?? 0);
  }

  /** From 0 (included) to 1 (not included). */
  unit(row: number, salt = 0): number {
    return unit(this.key, row, salt + 0x1000 * this.attempt(row));
  }

  /** A whole number from 0 below `count`. */
  below(count: number, row: number, salt = 0): number {
    return below(count, this.key, row, salt + 0x1000 * this.attempt(row));
  }

  word(row: number, salt = 0): number {
    return word(this.key, row, salt + 0x1000 * this.attempt(row));
  }

  pick<T>(list: readonly T[], row: number, salt = 0): T {
    return list[this.below(list.length, row, salt)] as T;
  }

  /**
   * A place in 0 … count−1 that no other row below `count` has; the same on every attempt.
   *
   * @throws Impossible for a row that finds all of them taken.
   */
  place(row: number, count: number): number {
    if (row >= count) throw new Impossible(`there are no more than ${count} different values`);
    return permute(row, count, this.key);
  }
}
