/** Ranges and multiranges of times and numbers. */
import { Impossible, type Made, type Scope } from "../scope.ts";
import { numberTypes } from "./number.ts";
import { showTime, timeTypes } from "./time.ts";

const day = 86_400;
const minute = 60;
/** From one beginning to the next, where ranges must not overlap. */
const apart = { days: 2, numbers: 10 };
/** Lengths that are tried one after the other, where a check refuses the first draw. */
const lengths = {
  seconds: [12 * 60, 8 * 60, 4 * 60, 2 * 60, 90, 60, 45, 30, 15, 10, 5, 1].map(
    (minutes) => minutes * minute,
  ),
  days: [1, 2, 7, 14, 30].map((days) => days * day),
  numbers: [5, 3, 2, 1, 8, 10],
};

/** @throws Impossible when the type of the bounds has no order that is known here. */
export function makeRange(scope: Scope): Made {
  const { type, types, draw, isUnique, isDisjoint, born } = scope;
  const subtype = types.get(type.subtype ?? "");
  if (!subtype) throw new Impossible("the type of its bounds could not be read");
  const isApart = isUnique || isDisjoint;
  const wrap = (text: string) => (type.isMultirange ? `{${text}}` : text);
  const again = (row: number, tried: readonly number[], most: number) => {
    const fitting = isDisjoint ? tried.filter((length) => length <= most) : tried;
    const attempt = draw.attempt(row);
    return attempt === 0 ? undefined : fitting[(attempt - 1) % fitting.length];
  };
  if (timeTypes.has(subtype.name)) {
    const start = (row: number) =>
      isApart ? scope.now - 730 * day + row * apart.days * day : born(row);
    const tried = subtype.name === "date" ? lengths.days : [...lengths.seconds, ...lengths.days];
    return {
      text: (row) => {
        const from = start(row);
        const usual = () => day * (isApart ? 1 : 1 + draw.below(30, row, 3));
        const to = from + (again(row, tried, apart.days * day) ?? usual());
        return wrap(`["${showTime(from, subtype.name)}","${showTime(to, subtype.name)}")`);
      },
      how: isApart ? "one after the other" : "from the row on",
      capacity: isApart ? Infinity : undefined,
    };
  }
  if (!numberTypes.has(subtype.name)) {
    throw new Impossible(`there is no generator for ranges of ${subtype.typeName}`);
  }
  return {
    text: (row) => {
      const from = isApart ? row * apart.numbers : draw.below(1000, row);
      const usual = () => (isApart ? apart.numbers : 1 + draw.below(100, row, 3));
      return wrap(`[${from},${from + (again(row, lengths.numbers, apart.numbers) ?? usual())})`);
    },
    how: isApart ? "one after the other" : "ranges of numbers",
    capacity: isApart ? Infinity : undefined,
  };
}
