/** Dates and times, in order: a row after what it refers to, its changes after the row. */
import type { Scope } from "../scope.ts";
import { Impossible } from "../scope.ts";

export const timeTypes: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz"]);

const day = 86_400;

/** Columns that say when the row came to be. */
export const birthColumn =
  /^(created|inserted|added|registered|joined|posted|sent|placed|ordered|issued|started|recorded|earned|minted|logged|occurred|enrolled|hired)(_?(at|on|date|time|timestamp|ts))?$|^(date|time)_(created|added|joined)$|^(timestamp|order_date|start_date|starts?_at|hire_date)$/;

const birthDate = /birth|^dob$/;
const future =
  /expir|valid_(to|until)|due|deadline|scheduled|renew|until|ends?_(at|on|date)|end_date|finish/;

export interface TimeMade {
  readonly text: (row: number) => string;
  readonly number: (row: number) => number;
  readonly how: string;
  readonly capacity: number;
}

/** date, timestamp, timestamptz; everything counts in whole seconds of UTC, dates in whole days. */
export function makeTime(scope: Scope): TimeMade {
  const { rule, draw, type, now, born, plainName } = scope;
  const unit = type.name === "date" ? day : 1;
  const before = (rule.after ?? []).flatMap(({ column, isStrict }) => {
    const number = scope.sibling(column)?.number;
    return number ? [{ number, gap: isStrict ? unit : 0 }] : [];
  });
  const low = rule.min === undefined ? undefined : rule.min + (rule.isMinExclusive ? unit : 0);
  const high = rule.max === undefined ? undefined : rule.max - (rule.isMaxExclusive ? unit : 0);
  const [how, base] = chooseBase(scope);
  if (low !== undefined && high !== undefined && low > high) {
    throw new Impossible("its checks leave no time between them");
  }
  const seconds = (row: number): number => {
    let value = base(row);
    for (const { number, gap } of before) {
      const floor = number(row);
      if (floor !== null && value < floor + gap) {
        value = floor + gap + draw.below(how === "after others" ? 3 * day : 7200, row, 7);
      }
    }
    if (low !== undefined && value < low) {
      value = low + Math.floor(draw.unit(row, 8) * ((high ?? low + 365 * day) - low));
    }
    if (high !== undefined && value > high) {
      const least = low ?? Math.min(born(row), high - day);
      value = least + Math.floor(draw.unit(row, 9) * (high - least));
    }
    const floored = unit === day ? Math.floor(value / day) * day : Math.floor(value);
    // A day's beginning may lie before what the bound or the other column says.
    const least = Math.max(
      low ?? -Infinity,
      ...before.map(({ number, gap }) => (number(row) ?? -Infinity) + gap),
    );
    return floored < least ? Math.ceil(least / unit) * unit : floored;
  };
  const isInOrder = scope.isUnique || scope.isDisjoint;
  const [start, spacing] = inOrder(low, high, now, unit, scope.isDisjoint);
  const isEnd = before.length > 0 || future.test(plainName);
  const number = isInOrder
    ? (row: number) =>
        start + scope.serial(row) * spacing + (isEnd && scope.isDisjoint ? spacing / 2 : 0)
    : seconds;
  return {
    number,
    text: (row) => showTime(number(row), type.name),
    how: isInOrder ? "one after the other" : how,
    capacity: high === undefined ? Infinity : Math.floor((high - start) / spacing) + 1,
  };
}

/** From when on times come one after the other, and how far apart: closer where bounds leave little room. */
function inOrder(
  low: number | undefined,
  high: number | undefined,
  now: number,
  unit: number,
  isDisjoint: boolean,
): [start: number, spacing: number] {
  const wide = unit === day ? 2 * day : 7200;
  const usual = Math.min(now, high ?? now) - 730 * day;
  const begin = Math.floor((low ?? usual) / day) * day;
  const start = low === undefined || begin >= low ? begin : Math.ceil(low / unit) * unit;
  const isRoomy = high === undefined || (high - start) / wide >= roomyRows;
  return [start, isRoomy || isDisjoint ? wide : unit];
}

/** Bounds that leave less room than this are filled without gaps. */
const roomyRows = 300;

function chooseBase(scope: Scope): [how: string, base: (row: number) => number] {
  const { draw, now, born, plainName } = scope;
  if (birthDate.test(plainName)) {
    return ["18 to 80 years before", (row) => now - (18 * 365 + draw.below(62 * 365, row)) * day];
  }
  if (birthColumn.test(plainName)) return ["when the row came to be", born];
  if (future.test(plainName)) {
    return ["after the row", (row) => born(row) + day + draw.below(90 * day, row)];
  }
  return [
    "between the row and now",
    (row) => {
      const from = born(row);
      return from + Math.floor(draw.unit(row) * Math.max(1, now - from));
    },
  ];
}

/** ISO 8601 with the offset of UTC where the type has one: the same under every DateStyle. */
export function showTime(seconds: number, typeName: string): string {
  const days = Math.floor(seconds / day);
  const date = dates.get(days) ?? showDate(days);
  if (typeName === "date") return date;
  const rest = seconds - days * day;
  const whole = Math.floor(rest);
  const minutes = Math.floor(whole / 60);
  const clock = `${sixty[Math.floor(minutes / 60)]}:${sixty[minutes % 60]}:${sixty[whole % 60]}`;
  const fraction =
    rest === whole ? "" : `.${String(Math.floor((rest - whole) * 1000)).padStart(3, "0")}`;
  return typeName === "timestamptz"
    ? `${date} ${clock}${fraction}+00`
    : `${date} ${clock}${fraction}`;
}

const sixty = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, "0"));

/** Days that were shown before, by their number since 1970: some thousands, and never more than that. */
const dates = new Map<number, string>();
const mostDates = 100_000;

function showDate(days: number): string {
  const date = new Date(days * day * 1000).toISOString().replace(/^\+0*|T.*/g, "");
  if (dates.size >= mostDates) dates.clear();
  dates.set(days, date);
  return date;
}
