import { formatCount } from "../../db/amount.ts";
import { as, valuesOf } from "../../db/tree.ts";
import { parseTerms } from "../conditions.ts";
import { type QueryRule, severityOf } from "../rule.ts";
import { nodesOf } from "../plan-tree.ts";

// As often as this, and this short, and with this share of the load or of the calls.
const often = 1000;
const shortMs = 5;
const fewRows = 50;

/**
 * A short query by one key that is called very often: most likely once for each row of another
 * query. Its own time is small; what the application waits for is the way there and back, each time.
 */
export const oneByOne: QueryRule = ({ query, statement, plan }) => {
  if (query.calls < often || query.meanMs > shortMs || query.rowsPerCall > fewRows) return [];
  const select = as(statement.node, "SelectStmt");
  if (select?.whereClause === undefined || query.callShare < 0.1) return [];
  // With a list for a parameter it is many keys already.
  const isList = valuesOf(select.whereClause, "kind").includes("AEXPR_OP_ANY");
  const parameters = valuesOf(select.whereClause, "ParamRef").length;
  const conditions = nodesOf(plan).flatMap((node) => Object.values(node.conditions));
  const key = conditions.flatMap(parseTerms).find(({ kind, joins }) => kind === "equal" && !joins);
  if (isList || parameters === 0 || key === undefined) return [];
  return [
    {
      rule: "slow-queries/one-by-one",
      severity: severityOf({ ...query, share: Math.max(query.share, query.callShare) }),
      object: key.column,
      message: `called ${formatCount(query.calls)} times, ${Math.round(query.callShare * 100)} % of all calls, each for one ${key.column}: it looks like one query for each row of another`,
      hint: `fetch them together, in one call for all rows: \`… WHERE ${key.column} = ANY ($1)\`, or a join with the first query`,
    },
  ];
};
