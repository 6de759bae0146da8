import { relationName, allOf } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const truncate: LintRule = {
  name: "truncate",
  severity: "warning",
  summary: "TRUNCATE empties a table, with CASCADE also those that refer to it",
  why: "The rows are lost, under ACCESS EXCLUSIVE on every table concerned. CASCADE also empties each table with a foreign key on it, and those with one on them, without naming any.",
  safe: "TRUNCATE orders, order_lines;",
  squawk: ["ban-truncate-cascade"],
  kinds: ["TruncateStmt"],
  judge: (step) => {
    const node = nodeOf(step, "TruncateStmt");
    if (!node) return [];
    const isCascade = node.behavior === "DROP_CASCADE";
    return allOf(node.relations, "RangeVar").map((relation) => {
      const table = relationName(relation);
      return {
        table,
        severity: isCascade ? ("error" as const) : ("warning" as const),
        message: isCascade
          ? `TRUNCATE … CASCADE empties ${sqlName(table)} and every table that refers to it, named or not`
          : `TRUNCATE empties ${sqlName(table)}`,
        hint: isCascade
          ? "name all tables that are meant, without CASCADE"
          : "say why it is no loss: `-- lint:ignore truncate: …`",
      };
    });
  },
};
