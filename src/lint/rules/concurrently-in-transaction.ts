import type { Tree } from "../../db/script.ts";
import { inShort, withWordsAfter } from "../../db/sql-text.ts";
import { as, isOptionOn, relationName } from "../../db/tree.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule, Step } from "../rule.ts";
import { chooseName } from "./create-index.ts";

/** pgwright runs them outside of its transaction; a BEGIN in the file is what is in the way. */
export const concurrentlyInTransaction: LintRule = {
  name: "concurrently-in-transaction",
  severity: "error",
  summary: "a CONCURRENTLY inside BEGIN and COMMIT, with IF NOT EXISTS, or without a name",
  why: "PostgreSQL refuses the first (25001). IF NOT EXISTS lets the invalid index of a failed build pass as the one that is wanted: the name is taken, and nothing uses it. Without a name nobody finds the index of a failed build again: the next try builds another beside it.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);  -- without BEGIN",
  squawk: ["ban-concurrent-index-creation-in-transaction"],
  kinds: ["IndexStmt", "DropStmt", "ReindexStmt", "AT_DetachPartition"],
  judge: (step) => {
    if (!/concurrently/i.test(step.statement.text)) return [];
    const index = nodeOf(step, "IndexStmt");
    const isConcurrent =
      index?.concurrent === true ||
      nodeOf(step, "DropStmt")?.concurrent === true ||
      isOptionOn(nodeOf(step, "ReindexStmt")?.params, "concurrently", false) ||
      JSON.stringify(as(step.statement.node, "AlterTableStmt") ?? {}).includes('"concurrent":true');
    if (!isConcurrent) return [];
    const shown = inShort(step.statement.text);
    return [
      ...(step.isInBlock
        ? [
            {
              message: `\`${shown}\` stands in a transaction: PostgreSQL refuses it`,
              hint: "take it out of BEGIN and COMMIT, into a file of its own",
            },
          ]
        : []),
      ...(index?.concurrent && index.if_not_exists
        ? [
            {
              message: `IF NOT EXISTS lets the invalid index of a failed build pass as \`${index.idxname ?? ""}\``,
              hint: "leave IF NOT EXISTS out: pgwright finds an invalid index of that name and builds it anew",
            },
          ]
        : []),
      ...(index?.concurrent && !index.idxname
        ? [
            {
              message: `\`${shown}\` names no index: after an interruption nobody finds the unfinished one again, and \`migrate\` refuses it`,
              hint: `\`${withName(step, index)};\``,
            },
          ]
        : []),
    ];
  },
};

function withName({ statement, model }: Step, index: Tree.IndexStmt): string {
  const name = chooseName(index, relationName(index.relation), model);
  return inShort(withWordsAfter(statement.text, "concurrently", name), 200);
}
