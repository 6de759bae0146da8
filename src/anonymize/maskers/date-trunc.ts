import { dateOf, isoDate } from "./iso-date.ts";
import type { Masker } from "./masker.ts";

export const dateTrunc: Masker = {
  name: "date_trunc",
  gives: "the beginning of the `unit` it lies in",
  accepts: ["date", "timestamp", "text"],
  options: ["unit"],
  from: "value",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  refuse: ({ options: { unit }, type }) =>
    type.kind === "date" && (unit === "hour" || unit === "day")
      ? `a date is not made coarser by \`unit: ${unit}\``
      : undefined,
  compile({ value, text, type, options: { unit = "year" } }) {
    if (type.kind === "text") {
      return `case when ${text} ~ '${isoDate}' then to_char(date_trunc('${unit}', ${dateOf(text)}::timestamp), 'YYYY-MM-DD') else '' end`;
    }
    const edge = `'4000-01-01 BC'::${type.base}`;
    const cast = type.kind === "date" ? `${value}::timestamp` : value;
    const least = `greatest(${value}, ${edge})`;
    const whole = `date_trunc('${unit}', ${type.kind === "date" ? `${least}::timestamp` : least})`;
    // Dates beyond what a timestamp can hold, and infinity, are taken to their edges.
    return type.kind === "date"
      ? `case when ${value} > '200000-01-01'::date then 'infinity'::date else ${whole}::date end`
      : cast === value
        ? `case when isfinite(${value}) then ${whole} else ${value} end`
        : whole;
  },
};
