/** One entry for each type of PostgreSQL that is neither text, number nor time. */
import type { Scope } from "../scope.ts";
import { hex, writeByte } from "./words.ts";

type Maker = (scope: Scope) => (row: number) => string;

const written = Buffer.alloc(36, "-");
/** Where the two digits of each of the 16 bytes stand. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34] as const;

/** Version 4; different for every row of a column below 2³². */
export function uuid({ draw }: Scope, row: number): string {
  // The first word is a bijection of the row's number, so two rows cannot meet.
  writeWord(draw.word(row), 0);
  writeWord((draw.word(row, 1) & 0xffff_0fff) | 0x4000, 4);
  writeWord((draw.word(row, 2) & 0x3fff_ffff) | 0x8000_0000, 8);
  writeWord(draw.word(row, 3), 12);
  return written.toString("latin1");
}

function writeWord(word: number, first: number): void {
  for (let n = 0; n < 4; n += 1) {
    writeByte(written, word >>> (24 - 8 * n), places[first + n] as number);
  }
}

/** Without a length, a varbit has as many as it is given. */
const lengthOfBits = ({ modifier, isUnique }: Scope) =>
  modifier > 0 ? modifier : isUnique ? mostBits : 8;
/** Numbers of so many bits are more than there are rows. */
const mostBits = 40;

const bits: Maker = (scope) => {
  const { draw, isUnique } = scope;
  const length = lengthOfBits(scope);
  return (row) => {
    let text = "";
    for (let salt = 0; text.length < length; salt += 1) {
      text += draw.word(row, salt).toString(2).padStart(32, "0");
    }
    return isUnique
      ? draw
          .place(row, 2 ** Math.min(length, mostBits))
          .toString(2)
          .padStart(length, "0")
          .slice(-length)
      : text.slice(0, length);
  };
};

/** How many rows can differ in a unique column of one of these types. */
export function capacityOfPlain(scope: Scope): number {
  const { name } = scope.type;
  if (name === "bit" || name === "varbit") return 2 ** Math.min(lengthOfBits(scope), mostBits);
  if (name === "time" || name === "timetz") return secondsOfDay;
  return name === "inet" || name === "cidr" ? 2 ** 32 - firstAddress : Infinity;
}

const secondsOfDay = 86_400;
// 10.0.0.0/8 is private.
const firstAddress = 0x0a00_0001;

const address = (row: number, start: number) =>
  [24, 16, 8, 0].map((shift) => Math.floor((start + row) / 2 ** shift) % 256).join(".");

const point: Maker =
  ({ draw, isUnique }) =>
  (row) =>
    isUnique ? `(${row},0)` : `(${draw.below(1000, row)},${draw.below(1000, row, 1)})`;

export const plainTypes: Readonly<Record<string, Maker>> = {
  uuid: (scope) => (row) => uuid(scope, row),
  bytea:
    ({ draw }) =>
    (row) =>
      `\\x${hex(draw, row, 32)}`,
  inet: () => (row) => address(row, firstAddress),
  cidr: () => (row) => `${address(row, firstAddress)}/32`,
  macaddr:
    ({ draw }) =>
    (row) =>
      `02${hex(draw, row, 10)}`.replace(/(..)(?=.)/g, "$1:"),
  macaddr8:
    ({ draw }) =>
    (row) =>
      `02${hex(draw, row, 14)}`.replace(/(..)(?=.)/g, "$1:"),
  interval: (scope) => {
    const { draw, isUnique } = scope;
    const unit = finestUnit(scope);
    const usual = unit === "seconds" ? "minutes" : unit;
    return (row) => (isUnique ? `${row + 1} ${unit}` : `${1 + draw.below(180, row)} ${usual}`);
  },
  time:
    ({ draw, isUnique }) =>
    (row) =>
      clock(isUnique ? row : draw.below(24 * 12, row) * 300),
  timetz:
    ({ draw, isUnique }) =>
    (row) =>
      `${clock(isUnique ? row : draw.below(24 * 12, row) * 300)}+00`,
  bit: bits,
  varbit: bits,
  point,
  box: (scope) => (row) => `${point(scope)(row)},(1001,1001)`,
  lseg: (scope) => (row) => `[${point(scope)(row)},(1001,1001)]`,
  line:
    ({ draw }) =>
    (row) =>
      `{${1 + draw.below(9, row)},1,0}`,
  circle: (scope) => (row) => `<${point(scope)(row)},${1 + scope.draw.below(50, row, 3)}>`,
  path: (scope) => (row) => `[${point(scope)(row)},(1001,1001)]`,
  polygon: (scope) => (row) => `(${point(scope)(row)},(1001,0),(0,1001))`,
  tsvector:
    ({ draw, words, isUnique }) =>
    (row) =>
      [0, 1, 2]
        .map((salt) => `'${draw.pick(words.noun, row, salt).replaceAll("'", "''")}'`)
        .concat(isUnique ? [`'n${row}'`] : [])
        .join(" "),
  tsquery:
    ({ draw, words, isUnique }) =>
    (row) =>
      `'${draw.pick(words.noun, row).replaceAll("'", "''")}${isUnique ? row : ""}'`,
  xml:
    ({ draw, words }) =>
    (row) =>
      `<note>${draw.pick(words.noun, row).replaceAll(/[<&]/g, "")}</note>`,
  pg_lsn: () => (row) => `0/${(row + 1).toString(16).toUpperCase()}`,
  jsonpath: () => () => "$.a",
  // Extensions, by the type's name.
  hstore:
    ({ draw, words, isUnique }) =>
    (row) =>
      `"kind"=>"${draw.pick(words.noun, row)}${isUnique ? ` ${row}` : ""}"`,
  ltree:
    ({ draw, words }) =>
    (row) =>
      `top.${draw.pick(words.noun, row).replaceAll(/\W/g, "_")}.n${row}`,
};

/** `interval year` and the like cut off what is finer; the fields stand in the upper half of the modifier. */
function finestUnit({ modifier }: Scope): string {
  const fields = modifier < 0 ? 0x7fff : modifier >> 16;
  const units = [
    [12, "seconds"],
    [11, "minutes"],
    [10, "hours"],
    [3, "days"],
    [1, "months"],
  ] as const;
  return units.find(([bit]) => (fields >> bit) % 2 === 1)?.[1] ?? "years";
}

function clock(seconds: number): string {
  return new Date((seconds % secondsOfDay) * 1000).toISOString().slice(11, 19);
}
