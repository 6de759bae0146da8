/** The largest number that a column can hold: results are kept within it. */
import type { ValueType } from "../type-kind.ts";

const integers: Readonly<Record<string, string>> = {
  int2: "32767",
  int4: "2147483647",
  int8: "9223372036854775807",
};

/** SQL that keeps a number within its type; numeric(p, s) holds less than 10^(p - s). */
export function within(sql: string, type: ValueType): string {
  const most = integers[type.base] ?? mostOf(type.typeName);
  if (most === undefined) return sql;
  // NaN is above all and has to stay.
  return `case when (${sql})::text = 'NaN' then 'NaN'::numeric else least(greatest(${sql}, -${most}), ${most}) end`;
}

function mostOf(typeName: string): string | undefined {
  const [, precision, scale = "0"] = /^numeric\((\d+)(?:,(-?\d+))?\)$/.exec(typeName) ?? [];
  if (precision === undefined) return undefined;
  const whole = Number(precision) - Number(scale);
  if (whole <= 0) return `0.${"0".repeat(-whole)}${"9".repeat(Number(precision))}`;
  const digits =
    "9".repeat(Math.min(whole, Number(precision))) + "0".repeat(Math.max(0, -Number(scale)));
  return Number(scale) > 0 ? `${digits}.${"9".repeat(Number(scale))}` : digits;
}
