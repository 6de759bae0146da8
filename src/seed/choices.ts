/** The list of values that a column can have, where that is a list: of a check, an enum, a small range. */
import { baseName } from "./base-type.ts";
import type { Table, Type } from "./catalog.ts";
import { readChecks } from "./check.ts";
import { columnsIn } from "./expression.ts";
import type { TableRows } from "./rows.ts";
import { meet, type Rule } from "./rule.ts";

/** A value's type with what is asked of it. */
interface Bare {
  readonly type: Type;
  /** pg_attribute.atttypmod; −1 for none. */
  readonly modifier: number;
  readonly rule: Rule;
}

type Types = ReadonlyMap<string, Type>;

/** What a domain is made of, with what it asks beside the rest; undefined where a type could not be read. */
export function withoutDomains(bare: Bare, types: Types, now: number): Bare | undefined {
  const { type, modifier, rule } = bare;
  if (type.kind !== "d") return bare;
  const base = types.get(type.base ?? "");
  if (!base) return undefined;
  const checks = (type.checks ?? []).map(({ expression }) => expression);
  return withoutDomains(
    {
      type: base,
      modifier: type.modifier >= 0 ? type.modifier : modifier,
      rule: meet(rule, readChecks(checks, now).get("value") ?? {}),
    },
    types,
    now,
  );
}

/** Ranges of more whole numbers than this are not listed. */
const mostNumbers = 1000;
const mostBits = 8;

/** Undefined for a column of many values. */
export function choicesOf(
  { table, world, rules }: TableRows,
  name: string,
): readonly string[] | undefined {
  const { types } = world.catalog;
  const column = table.columns.find((one) => one.name === name);
  const type = types.get(column?.type ?? "");
  if (!column || !type) return undefined;
  const own = { type, modifier: column.modifier, rule: rules.get(name) ?? {} };
  const bare = withoutDomains(own, types, world.request.asOf);
  return bare && listChoices(bare, () => isUnderstood(table, name, type, types));
}

/** True for a column of whole numbers or days whose bounds are near each other: other columns of a key help. */
export function isNarrow(rows: TableRows, name: string): boolean {
  const { min = -Infinity, max = Infinity } = rows.rules.get(name) ?? {};
  const step = { int2: 1, int4: 1, int8: 1, date: 86_400 }[baseName(rows, name)];
  return step !== undefined && (max - min) / step < mostNumbers;
}

/** Whether the rules say all that the checks ask of the column. */
function isUnderstood(table: Table, name: string, type: Type, types: Types): boolean {
  const ofTable = table.checks.filter(({ expression }) => columnsIn(expression).includes(name));
  const expressions = ofTable.map(({ expression }) => expression);
  for (let domain: Type | undefined = type; domain; domain = types.get(domain.base ?? "")) {
    expressions.push(...(domain.checks ?? []).map(({ expression }) => expression));
  }
  return expressions.every((one) => columnsIn(one).length <= 1 && isPlainBound(one));
}

function listChoices(bare: Bare, isKnown: () => boolean): readonly string[] | undefined {
  const { type, modifier, rule } = bare;
  const { values, min, max } = rule;
  const listed = values ?? type.labels ?? (type.name === "bool" ? ["f", "t"] : undefined);
  if (listed) return allowed(listed, rule);
  if (type.name === "bit" && modifier <= mostBits && modifier > 0) {
    if (!isKnown()) return undefined;
    return Array.from({ length: 2 ** modifier }, (_, n) => n.toString(2).padStart(modifier, "0"));
  }
  if (!/^int[248]$/.test(type.name) || min === undefined || max === undefined) return undefined;
  if (!(max - min < mostNumbers) || !isKnown()) return undefined;
  const first = Math.ceil(min);
  const count = Math.max(0, Math.floor(max) - first + 1);
  return allowed(
    Array.from({ length: count }, (_, n) => String(first + n)),
    rule,
  );
}

/** Those of the values that the rule does not exclude, each once. */
export function allowed(values: readonly string[], rule: Rule): string[] {
  return [...new Set(values)].filter((value) => admits(rule, value));
}

/** Whether the rule's exclusions and bounds leave the value; bounds are those of numbers. */
export function admits(rule: Rule, value: string): boolean {
  const { not, min = -Infinity, max = Infinity } = rule;
  if (not?.includes(value)) return false;
  if (!/^-?\d+(\.\d+)?$/.test(value)) return true;
  const number = Number(value);
  return (
    (rule.isMinExclusive ? number > min : number >= min) &&
    (rule.isMaxExclusive ? number < max : number <= max)
  );
}

/** True for a check of comparisons with numbers alone, joined by AND: all of it is in the rules. */
function isPlainBound(expression: string): boolean {
  const text = expression.replaceAll(/::\w+/g, "").replaceAll(/(?<=[(']|[<>=]\s)-(?=\d)/g, "");
  if (/\b(?!AND\b)\w+\s*\(|\b(OR|NOT|IS|ANY|ALL)\b/.test(text)) return false;
  return /^[\s()<>=.\d']*$/.test(text.replaceAll(/"(?:[^"]|"")*"|[A-Za-z_]\w*/g, ""));
}
