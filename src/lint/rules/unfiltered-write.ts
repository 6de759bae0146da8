import type { Node } from "../../db/script.ts";
import { as, relationName, stringsOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const unfilteredWrite: LintRule = {
  name: "unfiltered-write",
  severity: "warning",
  summary: "UPDATE or DELETE of every row in one transaction",
  why: "Every row stays locked until the transaction ends, and writers of any of them wait; the table grows to twice its size, replicas lag, and a failure near the end undoes all of it.",
  safe: "-- backfill: batch=10000\nUPDATE orders SET region = 'eu' WHERE region IS NULL;",
  kinds: ["UpdateStmt", "DeleteStmt"],
  judge: (step) => {
    if (step.isInBatches) return [];
    const update = nodeOf(step, "UpdateStmt");
    const node = update ?? nodeOf(step, "DeleteStmt");
    const where = node?.whereClause;
    if (
      !node ||
      (where && truthOf(where) !== true) ||
      ("fromClause" in node && node.fromClause?.length)
    )
      return [];
    if ("usingClause" in node && node.usingClause?.length) return [];
    const table = relationName(node.relation);
    return [
      {
        table,
        isBySize: true,
        message: `${where ? "the WHERE lets every row through: " : ""}every row of ${sqlName(table)} is ${update ? "written anew" : "deleted"} in one transaction, and stays locked until it ends`,
        hint: "`-- backfill:` in the line above makes pgwright do it in batches, each a transaction of its own",
      },
    ];
  },
};

/** What a condition without columns comes to, as in `WHERE true` and `WHERE 1 = 1`; undefined where that depends. */
function truthOf(node: Node): boolean | undefined {
  const constant = as(node, "A_Const");
  if (constant?.boolval) return constant.boolval.boolval ?? false;
  const comparison = as(node, "A_Expr");
  if (comparison?.kind === "AEXPR_OP" && stringsOf(comparison.name).join() === "=") {
    const [left, right] = [comparison.lexpr, comparison.rexpr].map((side) => as(side, "A_Const"));
    if (!left || !right || left.isnull || right.isnull) return undefined;
    const value = (side: object) => JSON.stringify({ ...side, location: 0 });
    return value(left) === value(right) ? true : undefined;
  }
  const joined = as(node, "BoolExpr");
  const parts = joined?.args?.map(truthOf) ?? [];
  switch (joined?.boolop) {
    case "NOT_EXPR":
      return parts[0] === undefined ? undefined : !parts[0];
    case "AND_EXPR":
      if (parts.includes(false)) return false;
      return parts.includes(undefined) ? undefined : true;
    case "OR_EXPR":
      if (parts.includes(true)) return true;
      return parts.includes(undefined) ? undefined : false;
    default:
      return undefined;
  }
}
