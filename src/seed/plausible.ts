/** What nobody wrote into a CHECK and everybody expects: `max_price` is not less than `min_price`. */
import type { Rules } from "./check.ts";
import type { Column, Table } from "./catalog.ts";
import { plainName } from "./plain-name.ts";
import { meet } from "./rule.ts";

const opposites: readonly (readonly [greater: string, lesser: string])[] = [
  ["max", "min"],
  ["maximum", "minimum"],
  ["highest", "lowest"],
  ["high", "low"],
  ["upper", "lower"],
  ["to", "from"],
  ["until", "from"],
  ["end", "start"],
  ["last", "first"],
];

/** Numbers only: times have an order of their own. What a check says of the two is left to it. */
export function addPlausible(table: Table, rules: Rules): void {
  const linked = new Set(table.foreignKeys.flatMap(({ columns }) => columns));
  const unique = new Set(table.uniques.flatMap(({ columns }) => columns));
  const numbers = table.columns.filter(
    ({ name, typeName }) =>
      /^(smallint|integer|bigint|numeric|real|double precision)/.test(typeName) &&
      !typeName.endsWith("[]") &&
      !linked.has(name) &&
      !unique.has(name),
  );
  for (const greater of numbers) {
    const lesser = numbers.find((one) => isLesser(one, greater));
    if (!lesser || isBound(rules, greater, lesser) || isBound(rules, lesser, greater)) continue;
    const after = [{ column: lesser.name, isStrict: false }];
    const rule = rules.get(greater.name) ?? {};
    rules.set(greater.name, meet(rule, { after }));
    if (rule.max !== undefined) {
      rules.set(lesser.name, meet(rules.get(lesser.name) ?? {}, { max: rule.max }));
    }
  }
}

function isLesser(one: Column, greater: Column): boolean {
  const words = plainName(greater.name).split("_");
  return opposites.some(
    ([more, less]) =>
      words.includes(more) &&
      plainName(one.name) === words.map((word) => (word === more ? less : word)).join("_"),
  );
}

function isBound(rules: Rules, one: Column, other: Column): boolean {
  const { after, computed } = rules.get(one.name) ?? {};
  return (
    after?.some(({ column }) => column === other.name) === true ||
    computed?.columns.includes(other.name) === true
  );
}
