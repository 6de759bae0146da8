/**
 * Where every value comes from: a hash of (seed, table, column) and the number of the row. There is
 * no state, so the order in which values are asked for never matters, and only 32-bit integer
 * operations and the exact ones of IEEE 754 (+ − × ÷) are used: the same bytes on every machine.
 */
import { createHash } from "node:crypto";

/** 128 bits that stand for one column of one table under one seed. */
export type Key = readonly [number, number, number, number];

/** SHA-256 of the parts, each with its length before it, so that no two lists meet. */
export function keyOf(...parts: readonly string[]): Key {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  const digest = hash.digest();
  return [0, 4, 8, 12].map((at) => digest.readInt32LE(at)) as unknown as Key;
}

/** The finalizer of MurmurHash3: a bijection of 32 bits in which every bit depends on every other. */
function scatter(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}

/**
 * 32 bits, from 0. For a fixed key and salt they are a bijection of `row` below 2³²: no two rows
 * have the same.
 */
export function word(key: Key, row: number, salt = 0): number {
  const mixed = scatter(row ^ key[0]) ^ key[1] ^ Math.imul(salt + 1, 0x9e3779b1);
  return (scatter(scatter(mixed) ^ key[2]) ^ key[3]) >>> 0;
}

/** A number from 0 (included) to 1 (not included). */
export function unit(key: Key, row: number, salt = 0): number {
  return word(key, row, salt) / 0x1_0000_0000;
}

/** A whole number from 0 below `count`. */
export function below(count: number, key: Key, row: number, salt = 0): number {
  // A range beyond 32 bits takes a second word for its lower part.
  const fraction =
    count <= 0x10_0000
      ? unit(key, row, salt)
      : unit(key, row, salt) + unit(key, row, salt + 0x5bd1) / 0x1_0000_0000;
  return Math.min(count - 1, Math.floor(fraction * count));
}

/**
 * The place of `index` in a shuffled 0 … count−1: a Feistel network over the next power of four,
 * walked until it lands inside, which takes fewer than four steps on average. From outside, the walk
 * may never come inside.
 *
 * @throws RangeError when `index` is not below `count`.
 */
export function permute(index: number, count: number, key: Key): number {
  if (count <= 1) return 0;
  if (index >= count) throw new RangeError(`there is no place ${index} among ${count}`);
  return count <= 0x4000_0000 ? permuteSmall(index, count, key) : permuteLarge(index, count, key);
}

/** The same in 32-bit operations, six times as fast. */
function permuteSmall(index: number, count: number, key: Key): number {
  const half = Math.max(1, (33 - Math.clz32(count - 1)) >> 1);
  const mask = (1 << half) - 1;
  let value = index;
  do {
    let left = value >>> half;
    let right = value & mask;
    for (let round = 0; round < 4; round += 1) {
      const next = (left ^ word(key, right, round)) & mask;
      left = right;
      right = next;
    }
    value = (left << half) | right;
  } while (value >= count);
  return value;
}

function permuteLarge(index: number, count: number, key: Key): number {
  let half = 1;
  while (2 ** (2 * half) < count) half += 1;
  const size = 2 ** half;
  let value = index;
  do {
    let left = Math.floor(value / size);
    let right = value % size;
    for (let round = 0; round < 4; round += 1) {
      const next = (left ^ (word(key, right, round) % size)) >>> 0;
      left = right;
      right = next;
    }
    value = left * size + right;
  } while (value >= count);
  return value;
}

/** `base` to the power of `exponent` for base > 0, by series of exact operations (Math.pow differs between engines). */
export function power(base: number, exponent: number): number {
  return exponential(exponent * logarithm(base));
}

const ln2 = Math.LN2;

function logarithm(value: number): number {
  let rest = value;
  let twos = 0;
  for (; rest > 1.5; rest /= 2) twos += 1;
  for (; rest < 0.75; rest *= 2) twos -= 1;
  const ratio = (rest - 1) / (rest + 1);
  const square = ratio * ratio;
  let sum = 0;
  let term = ratio;
  for (let n = 1; n < 40; n += 2) {
    sum += term / n;
    term *= square;
  }
  return 2 * sum + twos * ln2;
}

function exponential(value: number): number {
  const twos = Math.floor(value / ln2);
  const rest = value - twos * ln2;
  let sum = 1;
  let term = 1;
  for (let n = 1; n < 25; n += 1) {
    term = (term * rest) / n;
    sum += term;
  }
  let result = sum;
  // Beyond what a number can be, more steps change nothing, and an exponent may ask for any number of them.
  for (let n = 0; n < twos && result < Infinity; n += 1) result *= 2;
  for (let n = 0; n > twos && result > 0; n -= 1) result /= 2;
  return result;
}
