/** When each row came to be. */
import { birthColumn } from "./generators/time.ts";
import { plainName } from "./plain-name.ts";
import type { TableRows } from "./rows.ts";

const day = 86_400;

/** How far back data goes from the reference date. */
export const daysBack = 730;

/** After every row it refers to, within the bounds of its column, and nearer to now than to those. */
export function makeBirth(rows: TableRows): (row: number) => number {
  const { table, world } = rows;
  const draw = rows.draw("(born)");
  const { asOf } = world.request;
  const birth = table.columns.find(({ name, type }) => {
    const kind = world.catalog.types.get(type)?.name ?? "";
    return birthColumn.test(plainName(name)) && /^(timestamp|timestamptz|date)$/.test(kind);
  });
  const rule = rows.rules.get(birth?.name ?? "") ?? {};
  const [min, max] = [
    rule.min ?? -Infinity,
    (rule.max ?? Infinity) - (rule.isMaxExclusive ? 1 : 0),
  ];
  // In a circle, no table comes before the other.
  const links = rows.links.filter(
    ({ isSelf, key }) => !isSelf && !world.isTogether(table.oid, key.target),
  );
  const self = rows.links.find(({ isSelf, how }) => isSelf && how === "some have many");
  return (row) => {
    let from = asOf - daysBack * day;
    for (const { pick, source } of links) {
      const parent = pick(row);
      if (parent !== null) from = Math.max(from, source.born(parent));
    }
    const above = self?.pick(row);
    if (above !== undefined && above !== null && above < row) {
      from = Math.max(from, rows.born(above));
    }
    if (!birth && links.length > 0) return from;
    // The square bunches rows towards now: three quarters fall into the second half.
    const u = draw.unit(row);
    const time = from + Math.floor((1 - u * u) * Math.max(1, asOf - from));
    if (time >= min && time <= max) return time;
    // Bounds of partitions and checks are stronger than what parents say.
    const start = min === -Infinity ? max - 30 * day : min;
    const end = max === Infinity ? min + 30 * day : max;
    return start + Math.floor((1 - u * u) * (end - start));
  };
}
