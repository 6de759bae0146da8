/** Unique keys over columns whose masks know no case: no two values may differ in case alone. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { nameOf, type Table } from "../catalog.ts";
import type { Rule } from "../rules/rule.ts";

/** What has to be so of the rows. */
export interface CaseClaim {
  readonly table: Table;
  readonly column: string;
  readonly key: string;
  readonly rule: Rule | undefined;
}

/** Reads the columns whole: one pair among millions would stop the load at its end. */
export async function proveCases(
  session: Session,
  claims: readonly CaseClaim[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { table, column, key, rule } of claims) {
    const name = ident(column);
    const { clashes } = await session.one<{ clashes: number }>(
      `select count(*)::int as clashes from (select lower(${name}::text) from ${qualified(table.schema, table.name)}
       group by 1 having count(distinct ${name}) > 1) s`,
    );
    if (clashes === 0) continue;
    const object = `${nameOf(table)}.${column}`;
    findings.push({
      rule: "masking/unique-case",
      severity: "error",
      message: `${object}: ${clashes === 1 ? "1 value is" : `${clashes} values are`} there in several cases; \`${rule?.masker}\` makes them the same, which ${key} forbids`,
      hint: "make them one in the database, or take `domain` out of the rule",
      at: rule?.at,
      object,
    });
  }
  return findings;
}
