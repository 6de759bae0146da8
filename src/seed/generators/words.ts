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

export function hex(draw: Draw, row: number, length: number): string {
  let text = "";
  for (let salt = 0; text.length < length; salt += 1) {
    const word = draw.word(row, salt);
    text += hex4(word >>> 16) + hex4(word);
  }
  return text.length === length ? text : text.slice(0, length);
}

/** All numbers of 16 bits in hexadecimal: formatting a number takes ten times as long as finding it. */
const hexes = Array.from({ length: 0x1_0000 }, (_, n) => n.toString(16).padStart(4, "0"));

/** The lower 16 bits of the number in four hexadecimal digits. */
function hex4(number: number): string {
  return hexes[number & 0xffff] as string;
}
