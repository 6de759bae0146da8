/** After loading: counters are held against the rows they count. */
import { ident, qualified } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import { counterOf } from "./counter.ts";
import type { SeedPlan } from "./plan.ts";

/** @throws PgwrightError `seed-impossible` naming a counter that is not true. */
export async function checkCounters(session: Session, plan: SeedPlan): Promise<void> {
  for (const rows of plan.groups.flat()) {
    for (const column of rows.table.columns) {
      const counted = counterOf(rows, column);
      // Rows that were there before are not ours to judge.
      if (!counted || rows.first > 0) continue;
      const { child, key } = counted;
      const join = key.columns
        .map((name, n) => `c.${ident(name)} = p.${ident(key.targetColumns[n] ?? "")}`)
        .join(" and ");
      const { wrong } = await session.one<{ wrong: number }>(
        `with counted as (
  select ${key.columns.map(ident).join(", ")}, count(*) as n from ${qualified(child.schema, child.name)} group by ${key.columns.map(ident).join(", ")}
)
select count(*)::float8 as wrong from ${qualified(rows.table.schema, rows.table.name)} p
left join counted c on ${join} where p.${ident(column.name)} is distinct from coalesce(c.n, 0)`,
      );
      if (wrong === 0) continue;
      throw new PgwrightError(
        "seed-impossible",
        `${rows.name}.${column.name} would not agree with ${child.name} in ${wrong} rows; nothing was written`,
        { hint: "say in a file of seeds/ how the column is filled" },
      );
    }
  }
}
