import { callOf, parseExpression, visit } from "../expression.ts";
import type { Index, PolicyDatabase } from "../database.ts";
import type { Rule } from "../rule.ts";

/**
 * Only leakproof conditions may look at rows before a policy did, so an index that no leakproof
 * operator uses (LIKE, @>, @@, `=` of numeric or enum, lower()) waits for the policy.
 */
export const notLeakproof: Rule = {
  name: "policies/not-leakproof",
  judge: (database) =>
    database.indexes
      .filter((index) => !index.hasLeakproofOperator || callsLeakyFunction(index, database))
      // A BRIN index summarises; what it is for is a scan of most of the table anyway.
      .filter(({ method }) => method !== "brin")
      .map(({ name, tableOid, method, column }) => {
        const table = database.tables.find(({ oid }) => oid === tableOid)?.name ?? "its table";
        return {
          severity: "info",
          message: `index ${name} (${method} on ${column}) is not used by roles that policies of ${table} hold for, unless the policy itself is selective: none of its conditions is leakproof`,
          hint: "look at the plan as such a role; a SECURITY DEFINER function that filters by the owner first can use it, or acknowledge it in policies/lint.yaml",
          object: name,
        };
      }),
};

function callsLeakyFunction({ expression }: Index, { traitsOf }: PolicyDatabase): boolean {
  if (expression === null) return false;
  let isLeaky = false;
  visit({ root: parseExpression(expression).node }, (node) => {
    const call = callOf(node);
    if (call !== undefined && !traitsOf(call).isLeakproof) isLeaky = true;
    return "inside";
  });
  return isLeaky;
}
