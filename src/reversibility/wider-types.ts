/** A value that a column takes since the migration has widened its type. */
import { ident } from "../db/identifier.ts";
import type { AllowedColumn, ColumnPair, TablePair } from "./allowances.ts";
import type { Wish } from "./special-rows.ts";
import { changeOne, rowsToTry } from "./special-rows.ts";

/** What the old type refuses or would cut off: a test of a value, and values in order of preference. */
interface Beyond {
  test(value: string): string;
  values(value: string): readonly string[];
}

const highest: Readonly<Record<string, string>> = {
  int2: "32767",
  int4: "2147483647",
  int8: "9223372036854775807",
};
const integers = Object.keys(highest);
const texts = ["varchar", "bpchar", "text"];

export function wishesForWiderTypes(pair: TablePair): Wish[] {
  return pair.columns.flatMap((column) => {
    const beyond = beyondOf(column.had, column.has);
    return beyond && !column.has.isGenerated ? [wishFor(pair, column, beyond)] : [];
  });
}

/**
 * Undefined where the new type takes no more than the old one, and for pairs of types whose values
 * differ as a whole: there any row written after the migration uses what is new.
 */
function beyondOf(had: AllowedColumn, has: AllowedColumn): Beyond | undefined {
  if (integers.includes(had.type)) {
    if (integers.indexOf(has.type) > integers.indexOf(had.type)) return above(had.type);
    return has.type === "numeric" && digitsOf(has).before > highest[had.type]!.length
      ? above(had.type)
      : undefined;
  }
  if (had.type === "numeric" && has.type === "numeric" && had.modifier !== -1) {
    const [old, now] = [digitsOf(had), digitsOf(has)];
    if (now.before > old.before) {
      const limit = `1e${old.before}::numeric`;
      return { test: (value) => `abs(${value}) >= ${limit}`, values: () => [limit, `-${limit}`] };
    }
    if (now.after <= old.after) return undefined;
    const step = `1e${-(old.after + 1)}::numeric`;
    return {
      test: (value) => `${value} <> round(${value}, ${old.after})`,
      values: (value) => [`coalesce(trunc(${value}, ${old.after}), 0) + ${step}`, step],
    };
  }
  if (had.type === "float4" && ["float8", "numeric"].includes(has.type)) {
    const value = `0.123456789012345`;
    return { test: (one) => `${one}::float4::float8 <> ${one}::float8`, values: () => [value] };
  }
  if (texts.includes(had.type) && texts.includes(has.type) && had.modifier > 4) {
    const length = had.modifier - 4;
    if (has.modifier > 4 && has.modifier <= had.modifier) return undefined;
    return {
      test: (value) => `length(${value}) > ${length}`,
      // The end may count, as in an address of mail, or the beginning, as in one of the web.
      values: (value) => [
        `lpad(coalesce(${value}, ''), ${length + 1}, 'x')`,
        `rpad(coalesce(${value}, ''), ${length + 1}, 'x')`,
        `rpad(coalesce(${value}, ''), ${length + 1}, '0')`,
      ],
    };
  }
  return undefined;
}

function above(type: string): Beyond {
  const limit = highest[type];
  return {
    test: (value) => `${value} > ${limit}`,
    // Unique ones, where several columns or rows ask for one.
    values: () => [`${limit}::numeric + 1`, `${limit}::numeric + 1000 + floor(random() * 1000000)`],
  };
}

/** Digits before and after the point; as many as one likes without a modifier. */
function digitsOf({ modifier }: AllowedColumn): {
  readonly before: number;
  readonly after: number;
} {
  if (modifier === -1) return { before: 131_072, after: 16_383 };
  // numeric.c: precision in the upper 16 bits, scale in 11 bits with a sign, after VARHDRSZ.
  const bits = modifier - 4;
  const after = (((bits & 0x7ff) ^ 1024) - 1024) | 0;
  return { before: ((bits >> 16) & 0xffff) - after, after };
}

function wishFor(pair: TablePair, { sql, had, has }: ColumnPair, beyond: Beyond): Wish {
  const column = `t.${sql}`;
  const values = [...fromTargets(pair, has, beyond), ...beyond.values(column)];
  const first = `${column} is not null`;
  return {
    what: `a value of ${pair.sql}.${sql} that is too large for ${had.typeName}`,
    isThere: (fresh) =>
      `select exists (select from ${pair.sql} t where ${fresh} and ${beyond.test(column)}) as there`,
    changes: (fresh) =>
      values.flatMap((value) =>
        Array.from({ length: rowsToTry }, (_, nth) =>
          changeOne(pair.sql, `${sql} = ${value}`, fresh, { nth, first }),
        ),
      ),
    ...(has.isAlways ? { always: [[pair.sql, sql]] as const } : {}),
  };
}

/** A column that refers to others can only have what these have. */
function fromTargets({ has }: TablePair, { number }: AllowedColumn, beyond: Beyond): string[] {
  return has.foreignKeys.flatMap(({ columns, targetName, targetNames }) => {
    const name = targetNames[columns.indexOf(number)];
    if (name === undefined || columns.length > 1) return [];
    const value = `f.${ident(name)}`;
    return [
      `(select ${value} from ${targetName} f where ${beyond.test(value)} order by ${value} desc limit 1)`,
    ];
  });
}
