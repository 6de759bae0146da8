/** Which kept values belong to which row, where there is no key. */
import type { Kept } from "./shape.ts";
import { keptTable, keptText, rowText } from "./shape.ts";

/**
 * Parts of a WITH; the last, `pgwright_pairs`, has place (`o`, `c`) and number of the kept row (`r`) of what is
 * to be put back. Rows that are alike in all that stays (`l`) are told apart by nothing, so whoever has the values (`v`)
 * of a kept row already is that row, and is not written to: the key of another may be in the way of what is
 * moved about for nothing. Then those that agree in what a foreign key has brought back (`s`) belong together,
 * and the others in the order in which they stand.
 */
export function pairsSql({ id, shape }: Pick<Kept, "id" | "shape">): string {
  const { table, columns, others, followed = [] } = shape;
  const names = columns.map(({ name }) => name);
  const parts = [
    `pgwright_a0 as materialized (select pgwright_t.tableoid as o, pgwright_t.ctid as c, ${rowText("pgwright_t", others)} as l,
      ${rowText("pgwright_t", columns)} as v, ${rowText("pgwright_t", followed)} as s from ${table} as pgwright_t)`,
    `pgwright_b0 as materialized (select pgwright_k.pgwright_row as r, pgwright_k.pgwright_like as l,
      ${keptText("pgwright_k", names)} as v, ${keptText("pgwright_k", followed)} as s from ${keptTable(id)} as pgwright_k)`,
  ];
  const stages = [["l", "v"], ...(followed.length > 0 ? [["l", "s"]] : []), ["l"]];
  const pairs: string[] = [];
  for (const [i, by] of stages.entries()) {
    const [a, b, list] = [`pgwright_n${i}a`, `pgwright_n${i}b`, by.join(", ")];
    const on = [...by, "n"].map((name) => `${a}.${name} = ${b}.${name}`).join(" and ");
    parts.push(
      `${a} as materialized (select *, row_number() over (partition by ${list} order by o, c) as n from pgwright_a${i})`,
      `${b} as materialized (select *, row_number() over (partition by ${list} order by r) as n from pgwright_b${i})`,
    );
    if (i > 0) pairs.push(`select ${a}.o, ${a}.c, ${b}.r from ${a} join ${b} on ${on}`);
    if (i < stages.length - 1) {
      const rest = (side: string, other: string, what: string) =>
        `select ${what} from ${side} where not exists (select from ${other} where ${on})`;
      parts.push(
        `pgwright_a${i + 1} as materialized (${rest(a, b, "o, c, l, v, s")})`,
        `pgwright_b${i + 1} as materialized (${rest(b, a, "r, l, v, s")})`,
      );
    }
  }
  parts.push(`pgwright_pairs as (${pairs.join("\n      union all ")})`);
  return parts.join(",\n    ");
}
