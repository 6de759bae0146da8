/** Numbers by what the column is called, within what its type and its checks allow. */
import type { Scope } from "../scope.ts";
import { Impossible } from "../scope.ts";
import { showWhole } from "./whole.ts";

export const numberTypes: ReadonlySet<string> = new Set([
  "int2",
  "int4",
  "int8",
  "oid",
  "numeric",
  "float4",
  "float8",
  "money",
]);

interface Usual {
  readonly fits: RegExp;
  readonly min: number;
  readonly max: number;
  /** Digits after the point, where the type has room for them. */
  readonly digits?: number;
}

const usual: readonly Usual[] = [
  { fits: /(^|_)lat(itude)?$/, min: -60, max: 70, digits: 6 },
  { fits: /(^|_)(lng|lon|long|longitude)$/, min: -180, max: 180, digits: 6 },
  { fits: /^age$|_age$/, min: 18, max: 80 },
  { fits: /(^|_)year$/, min: 1990, max: 2025 },
  { fits: /(^|_)month$/, min: 1, max: 12 },
  { fits: /(^|_)day$/, min: 1, max: 28 },
  { fits: /(^|_)hour$/, min: 0, max: 23 },
  {
    fits: /price|cost|amount|total|balance|salary|fee|revenue|subtotal|tax/,
    min: 1,
    max: 900,
    digits: 2,
  },
  { fits: /percent|pct|progress/, min: 0, max: 100 },
  { fits: /rating|stars|score|confidence|probability|ratio|rate$/, min: 0, max: 1, digits: 2 },
  { fits: /quantity|qty|sets?$|level|priority|count/, min: 1, max: 10 },
  { fits: /reps$|repetitions/, min: 5, max: 15 },
  { fits: /minutes|duration/, min: 10, max: 90 },
  { fits: /seconds/, min: 15, max: 180 },
  { fits: /calories/, min: 50, max: 800 },
  { fits: /weight/, min: 5, max: 120, digits: 1 },
  { fits: /height/, min: 150, max: 200 },
  { fits: /index|position|order|rank|sequence|sort|number/, min: 1, max: 20 },
  { fits: /size|length|bytes/, min: 1, max: 5000 },
];

const integerBounds: Record<string, readonly [number, number]> = {
  int2: [-32_768, 32_767],
  int4: [-2_147_483_648, 2_147_483_647],
  int8: [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  oid: [1, 4_294_967_295],
};

export interface NumberMade {
  readonly number: (row: number) => number;
  readonly text: (row: number) => string;
  readonly how: string;
  readonly capacity: number;
}

/** Whole and decimal numbers, money among them. */
export function makeNumber(scope: Scope): NumberMade {
  const { type, modifier, rule, draw, plainName } = scope;
  const isInteger = type.name in integerBounds;
  const known = usual.find(({ fits }) => fits.test(plainName));
  const typeDigits =
    type.name === "numeric" && modifier >= 0 ? scaleOf(modifier) : isInteger ? 0 : 2;
  const digits = isInteger
    ? 0
    : type.name === "numeric" && modifier >= 0
      ? typeDigits
      : (known?.digits ?? 2);
  const step = 1 / 10 ** digits;
  const [typeMin, typeMax] = integerBounds[type.name] ?? numericBounds(type.name, modifier, digits);
  const ruleMin =
    rule.min === undefined ? undefined : snap(rule.min, step, rule.isMinExclusive === true, 1);
  const ruleMax =
    rule.max === undefined ? undefined : snap(rule.max, step, rule.isMaxExclusive === true, -1);
  const after = numbersBefore(scope);
  let min = Math.max(ruleMin ?? known?.min ?? Math.min(1, ruleMax ?? 1), typeMin);
  const usualSpan = known && known.max > min ? known.max : Math.max(1000, min + 1000);
  let max = Math.min(ruleMax ?? Math.max(usualSpan, min), typeMax);
  if (
    known &&
    !scope.isUnique &&
    ruleMax !== undefined &&
    ruleMin !== undefined &&
    known.min >= ruleMin &&
    known.max <= ruleMax
  ) {
    [min, max] = [known.min, known.max];
  }
  if (ruleMin === undefined && min > max) min = Math.max(typeMin, max - 1000);
  // Every row its own: the range grows as far as type and checks let it.
  if (scope.isUnique) max = Math.min(ruleMax ?? typeMax, typeMax);
  const all = Math.floor((max - min) / step + 1 + 1e-9);
  const show = (value: number) => (digits === 0 ? showWhole(value) : value.toFixed(digits));
  const at = (steps: number) => (digits === 0 ? min + steps : round(min + steps * step, digits));
  const not = new Set(rule.not?.map((text) => show(Number(text))));
  // Where the excluded numbers stand among all of them.
  const gaps = [...not]
    .map((text) => Math.round((Number(text) - min) / step))
    .filter((place) => place >= 0 && place < all)
    .toSorted((one, other) => one - other);
  const capacity = all - gaps.length;
  if (capacity < 1) throw new Impossible("its checks leave no number between them");
  const draws = (row: number): number => {
    if (scope.isUnique) {
      return at(gaps.reduce((place, gap) => (gap <= place ? place + 1 : place), scope.serial(row)));
    }
    for (let salt = 0; salt < 20; salt += 1) {
      const value = at(draw.below(all, row, salt * 16));
      if (!not.has(show(value))) return value;
    }
    return min;
  };
  const number =
    after.length === 0 || scope.isUnique
      ? draws
      : (row: number) => {
          const floors = after.map((one) => one(row)).filter((one) => one !== null);
          const floor = Math.min(
            Math.max(min, ...floors.map((one) => round(one + step, digits))),
            ruleMax ?? Infinity,
            typeMax,
          );
          const ceiling = Math.max(
            floor,
            Math.min(ruleMax ?? Infinity, typeMax, floor + (max - min) / 2),
          );
          const steps = Math.floor((ceiling - floor) / step + 1e-9);
          return round(floor + draw.below(steps + 1, row) * step, digits);
        };
  const { computed } = rule;
  if (computed && !scope.isUnique) {
    const others = new Map(
      computed.columns.map((column) => [column, scope.sibling(column)?.number] as const),
    );
    const sum = (row: number) =>
      computed.value((column) => others.get(column)?.(row) ?? undefined) ?? number(row);
    return {
      number: (row) => round(sum(row), digits),
      text: (row) => show(round(sum(row), digits)),
      how: `made of ${computed.columns.join(", ")}`,
      capacity,
    };
  }
  return {
    number,
    text: (row) => show(number(row)),
    how: scope.isUnique ? `numbers from ${show(min)}` : `${show(min)} to ${show(max)}`,
    capacity,
  };
}

function numbersBefore(scope: Scope): ((row: number) => number | null)[] {
  return (scope.rule.after ?? []).flatMap(({ column }) => {
    const number = scope.sibling(column)?.number;
    return number ? [number] : [];
  });
}

function scaleOf(modifier: number): number {
  const scale = (modifier - 4) & 0x7ff;
  return scale > 1000 ? 0 : scale;
}

function numericBounds(name: string, modifier: number, digits: number): readonly [number, number] {
  if (name !== "numeric" || modifier < 0) return [-1e15, 1e15];
  const precision = ((modifier - 4) >> 16) & 0xffff;
  const most = 10 ** Math.min(15, Math.max(0, precision - digits)) - 1 / 10 ** digits;
  return [-most, most];
}

function snap(bound: number, step: number, isExclusive: boolean, direction: 1 | -1): number {
  const steps = direction === 1 ? Math.ceil(bound / step - 1e-9) : Math.floor(bound / step + 1e-9);
  const value = steps * step;
  const isOnBound = Math.abs(value - bound) < step / 1e6;
  return isExclusive && isOnBound ? value + direction * step : value;
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
