/** Unique keys over columns whose masks know no case: no two values may differ in it alone. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { nameOf, type Table } from "../catalog.ts";
import type { Compilation } from "../compile/compilation.ts";
import { type Alike, canonical } from "../fold.ts";
import { valueType } from "../type-kind.ts";
import type { Rule } from "../rules/rule.ts";

/** What has to be so of the rows. */
export interface CaseClaim extends Alike {
  readonly table: Table;
  readonly column: string;
  /** The key as SQL: the column, or lower() of it. */
  readonly sql: string;
  readonly key: string;
  readonly rule: Rule | undefined;
}

/** Reads the columns whole: one pair among millions would stop the load at its end. */
export async function proveCases(
  session: Session,
  { caseClaims, catalog }: Compilation,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { table, column, sql, key, rule, ...alike } of caseClaims) {
    const found = table.columns.find(({ name }) => name === column);
    if (!found) continue;
    const type = valueType(catalog, found.type, found.modifier, found.typeName);
    const group = canonical(ident(column), type, alike, catalog.isUnicode);
    const { clashes } = await session.one<{ clashes: number }>(
      `select count(*)::int as clashes from (select ${group} from ${qualified(table.schema, table.name)}
       group by 1 having count(distinct ${sql}) > 1) s`,
    );
    if (clashes === 0) continue;
    const object = `${nameOf(table)}.${column}`;
    findings.push({
      rule: "masking/unique-case",
      severity: "error",
      message: `${object}: ${clashes === 1 ? "1 value is" : `${clashes} values are`} there in several spellings; \`${rule?.masker}\` makes them the same, which ${key} forbids`,
      hint: "make them one in the database, or take `domain` out of the rule",
      at: rule?.at,
      object,
    });
  }
  return findings;
}
