import { callsPerRow, parseExpression, replaceCalls } from "../../policies/rls/lint/expression.ts";
import { ident } from "../../db/identifier.ts";
import { nodesOf } from "../plan-tree.ts";
import { type Problem, type QueryRule, severityOf } from "../rule.ts";
import { tableOf, wholeName } from "../tables.ts";

/** Rows that a scan looks at before a call for each of them is felt. */
const many = 1000;

/** A policy of row level security that calls a function for every row that is looked at. */
export const policy: QueryRule = ({ plan, query, tables, volatility }) => {
  const found = new Map<string, Problem>();
  for (const node of nodesOf(plan)) {
    const table = tableOf(node, tables);
    const filter = node.conditions["Filter"];
    if (table === undefined || filter === undefined || !table.hasRowSecurity) continue;
    if (table.rows < many) continue;
    for (const { name, using } of table.policies) {
      const expression = parseExpression(using);
      const calls = callsPerRow(expression.node, table.rootName).filter(
        // The planner has the calls of immutable functions behind it; what is in an index
        // condition is run once.
        (call) =>
          volatility.get(call.name) !== "i" && filter.replaceAll('"', "").includes(`${call.name}(`),
      );
      if (calls.length === 0) continue;
      const whole = wholeName(table);
      const names = [...new Set(calls.map((call) => `${call.name}()`))].join(", ");
      const better = replaceCalls(expression, calls, (call) => `(SELECT ${call})`);
      found.set(`${whole} ${name}`, {
        rule: "slow-queries/policy-per-row",
        severity: severityOf(query),
        object: `${whole}.${ident(name)}`,
        message: `the policy ${ident(name)} of ${whole} runs ${names} for every row that is looked at; as a subselect it is run once`,
        hint: `\`ALTER POLICY ${ident(name)} ON ${whole} USING (${better});\``,
      });
    }
  }
  return [...found.values()];
};
