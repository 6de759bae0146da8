import type { Statement, Tree } from "../../db/script.ts";
import { allOf, as, relationName } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";
import { truthOf } from "../truth.ts";

export const unfilteredWrite: LintRule = {
  name: "unfiltered-write",
  severity: "warning",
  summary: "UPDATE or DELETE of every row in one transaction",
  why: "Every row stays locked until the transaction ends, and writers of any of them wait; the table grows to twice its size, replicas lag, and a failure near the end undoes all of it.",
  safe: "-- backfill: batch=10000\nUPDATE orders SET region = 'eu' WHERE region IS NULL;",
  kinds: ["UpdateStmt", "DeleteStmt", "SelectStmt", "InsertStmt", "MergeStmt"],
  judge: (step) => {
    if (step.isInBatches) return [];
    return writesIn(step.statement.node).flatMap(({ verb, relation, where, others, isInWith }) => {
      if (where && truthOf(where) !== true) return [];
      const table = relationName(relation);
      const because = where
        ? "the WHERE lets every row through: "
        : others
          ? `no WHERE says which rows go with which of ${others}: `
          : "";
      return [
        {
          table,
          isBySize: true,
          message: `${because}every row of ${sqlName(table)} is ${verb} in one transaction, and stays locked until it ends`,
          // Batches are made of an UPDATE or DELETE that is a statement by itself.
          hint:
            others || isInWith
              ? `say in its WHERE which rows of ${sqlName(table)}, and take a part at a time, each in a transaction of its own`
              : "`-- backfill:` in the line above makes pgwright do it in batches, each a transaction of its own",
        },
      ];
    });
  },
};

interface Write {
  readonly verb: "written anew" | "deleted";
  readonly relation: Tree.RangeVar | undefined;
  readonly where: Tree.UpdateStmt["whereClause"];
  /** The clause that names other tables, which each row is joined with. */
  readonly others: "FROM" | "USING" | undefined;
  readonly isInWith: boolean;
}

/** The statement itself, and those in its WITH: PostgreSQL has writes only in the outermost. */
function writesIn(node: Statement["node"]): Write[] {
  const outer =
    as(node, "SelectStmt") ??
    as(node, "InsertStmt") ??
    as(node, "UpdateStmt") ??
    as(node, "DeleteStmt") ??
    as(node, "MergeStmt");
  const inner = allOf(outer?.withClause?.ctes, "CommonTableExpr");
  return [
    ...inner.flatMap(({ ctequery }) => writeOf(ctequery, true)),
    ...writeOf(node, inner.length > 0),
  ];
}

function writeOf(node: Statement["node"] | undefined, isInWith: boolean): Write[] {
  const update = as(node, "UpdateStmt");
  const gone = as(node, "DeleteStmt");
  if (update) {
    const { relation, whereClause: where, fromClause } = update;
    const others = fromClause ? ("FROM" as const) : undefined;
    return [{ verb: "written anew", relation, where, others, isInWith }];
  }
  if (!gone) return [];
  const { relation, whereClause: where, usingClause } = gone;
  return [
    { verb: "deleted", relation, where, others: usingClause ? "USING" : undefined, isInWith },
  ];
}
