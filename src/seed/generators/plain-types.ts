/** One entry for each type of PostgreSQL that is neither text, number nor time. */
import { createHash } from "node:crypto";
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

const bits: Maker =
  ({ draw, modifier, isUnique }) =>
  (row) => {
    const length = modifier > 0 ? modifier : 8;
    let text = "";
    for (let salt = 0; text.length < length; salt += 1) {
      text += draw.word(row, salt).toString(2).padStart(32, "0");
    }
    return isUnique
      ? draw
          .place(row, 2 ** Math.min(length, 40))
          .toString(2)
          .padStart(length, "0")
          .slice(-length)
      : text.slice(0, length);
  };

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
  // 10.0.0.0/8 is private.
  inet: () => (row) => address(row, 0x0a00_0001),
  cidr: () => (row) => `${address(row, 0x0a00_0001)}/32`,
  macaddr:
    ({ draw }) =>
    (row) =>
      `02${hex(draw, row, 10)}`.replace(/(..)(?=.)/g, "$1:"),
  macaddr8:
    ({ draw }) =>
    (row) =>
      `02${hex(draw, row, 14)}`.replace(/(..)(?=.)/g, "$1:"),
  interval:
    ({ draw, isUnique }) =>
    (row) =>
      isUnique ? `${row + 1} seconds` : `${1 + draw.below(180, row)} minutes`,
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
    ({ draw, words }) =>
    (row) =>
      [0, 1, 2]
        .map((salt) => `'${draw.pick(words.noun, row, salt).replaceAll("'", "''")}'`)
        .join(" "),
  tsquery:
    ({ draw, words }) =>
    (row) =>
      `'${draw.pick(words.noun, row).replaceAll("'", "''")}'`,
  xml:
    ({ draw, words }) =>
    (row) =>
      `<note>${draw.pick(words.noun, row).replaceAll(/[<&]/g, "")}</note>`,
  pg_lsn: () => (row) => `0/${(row + 1).toString(16).toUpperCase()}`,
  jsonpath: () => () => "$.a",
  // Extensions, by the type's name.
  hstore:
    ({ draw, words }) =>
    (row) =>
      `"kind"=>"${draw.pick(words.noun, row)}"`,
  ltree:
    ({ draw, words }) =>
    (row) =>
      `top.${draw.pick(words.noun, row).replaceAll(/\W/g, "_")}.n${row}`,
};

function clock(seconds: number): string {
  return new Date((seconds % 86_400) * 1000).toISOString().slice(11, 19);
}

/** A json or jsonb value of the kind that checks ask for, else of the column's default. */
export function makeJson(scope: Scope): (row: number) => string {
  const { draw, words, rule, column, plainName } = scope;
  const noun = (row: number, salt: number) => draw.pick(words.noun, row, salt);
  const shapes: Record<string, (row: number) => string> = {
    array: (row) =>
      JSON.stringify(
        Array.from({ length: 1 + draw.below(3, row, 50) }, (_, n) =>
          /url|link|image|media/.test(plainName)
            ? `https://cdn.example.com/${createHash("md5").update(noun(row, n)).digest("hex").slice(0, 12)}.jpg`
            : noun(row, n),
        ),
      ),
    object: (row) => JSON.stringify({ kind: noun(row, 1), amount: draw.below(100, row, 2) }),
    string: (row) => JSON.stringify(noun(row, 1)),
    number: (row) => String(draw.below(100, row, 2)),
    boolean: (row) => String(draw.below(2, row, 2) === 1),
    null: () => "null",
  };
  const kind = rule.jsonType ?? ((column.default ?? "").startsWith("'[") ? "array" : "object");
  // What a first draw has that a check does not want, the next ones leave out.
  const empty: Record<string, string> = { array: "[]", object: "{}" };
  const shape = shapes[kind] ?? (() => "{}");
  const isFree = rule.jsonType === undefined;
  return (row) => {
    if (draw.attempt(row) === 0 || draw.unit(row, 60) < 0.4) return shape(row);
    if (draw.unit(row, 61) < 0.5 || !isFree) return empty[kind] ?? shape(row);
    return draw.unit(row, 62) < 0.5 ? "[]" : String(draw.below(100, row, 2));
  };
}
