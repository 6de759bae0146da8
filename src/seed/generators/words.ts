/** Sentences and names out of the dictionary. */
import type { Dictionary } from "../dictionary.ts";
import type { Draw } from "../draw.ts";

export interface Person {
  readonly first: string;
  readonly last: string;
  readonly gender: "female" | "male";
}

/** The same person for every column of a row. */
export function personOf(draw: Draw, words: Dictionary, row: number): Person {
  const gender = draw.unit(row) < 0.5 ? "female" : "male";
  return {
    gender,
    first: draw.pick(words[gender], row, 1),
    last: draw.pick(words.last, row, 2),
  };
}

/** Of words of the dictionary, of which there are a few thousand. */
const plainWords = new Map<string, string>();

/** Letters a–z and digits only: accents are taken off, the rest is left out. */
export function plain(word: string): string {
  let made = plainWords.get(word);
  if (made === undefined) plainWords.set(word, (made = makePlain(word)));
  return made;
}

function makePlain(text: string): string {
  return text
    .replaceAll("ß", "ss")
    .replaceAll(/[\u0141\u0142]/g, "l")
    .replaceAll(/[\u00d8\u00f8]/g, "o")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}

export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function sentence(draw: Draw, words: Dictionary, row: number, salt: number): string {
  const { adjective, noun, verb } = words;
  const pick = (list: readonly string[], n: number) => draw.pick(list, row, salt + n);
  return draw.unit(row, salt) < 0.5
    ? `${capital(pick(adjective, 1))} ${pick(noun, 2)} ${pick(verb, 3)} the ${pick(adjective, 4)} ${pick(noun, 5)}.`
    : `The ${pick(noun, 1)} will ${pick(verb, 2)} a ${pick(adjective, 3)} ${pick(noun, 4)}.`;
}

export function paragraph(draw: Draw, words: Dictionary, row: number): string {
  const count = 1 + draw.below(3, row, 900);
  let text = sentence(draw, words, row, 0);
  for (let n = 1; n < count; n += 1) text += ` ${sentence(draw, words, row, n * 10)}`;
  return text;
}

/** So many hexadecimal digits, a multiple of eight at a time; at most 64. */
export function hex(draw: Draw, row: number, length: number): string {
  for (let salt = 0; salt * 8 < length; salt += 1) {
    const word = draw.word(row, salt);
    for (let n = 0; n < 4; n += 1) writeByte(written, word >>> (24 - 8 * n), salt * 8 + n * 2);
  }
  return written.toString("latin1", 0, length);
}

const written = Buffer.alloc(64);

/** Two hexadecimal digits of every byte, as two characters in one number. */
const pairs = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, "0")).readUInt16LE(),
);

/** The lower eight bits as two digits: a third of the time that joining pieces of text takes. */
export function writeByte(target: Buffer, byte: number, at: number): void {
  const pair = pairs[byte & 0xff] as number;
  target[at] = pair;
  target[at + 1] = pair >> 8;
}
