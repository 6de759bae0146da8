import { relationName } from "../../db/tree.ts";
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
    if (!node || node.whereClause || ("fromClause" in node && node.fromClause?.length)) return [];
    if ("usingClause" in node && node.usingClause?.length) return [];
    const table = relationName(node.relation);
    return [
      {
        table,
        isBySize: true,
        message: `every row of ${sqlName(table)} is ${update ? "written anew" : "deleted"} in one transaction, and stays locked until it ends`,
        hint: "`-- backfill:` in the line above makes pgwright do it in batches, each a transaction of its own",
      },
    ];
  },
};
