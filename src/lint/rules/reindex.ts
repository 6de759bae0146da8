import { describeBlock } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";
import { isOptionOn } from "../../db/tree.ts";

export const reindex: LintRule = {
  name: "reindex",
  severity: "error",
  summary: "REINDEX without CONCURRENTLY blocks writes, and reads by that index",
  why: "The table is locked in SHARE mode and each index in ACCESS EXCLUSIVE, which the planner of every query on the table waits for.",
  safe: "REINDEX TABLE CONCURRENTLY orders;",
  squawk: ["require-concurrent-reindex"],
  kinds: ["ReindexStmt"],
  judge: (step) => {
    const node = nodeOf(step, "ReindexStmt");
    if (!node || isOptionOn(node.params, "concurrently", false)) return [];
    const [effect] = step.effects;
    const words = {
      REINDEX_OBJECT_SCHEMA: "SCHEMA",
      REINDEX_OBJECT_DATABASE: "DATABASE",
      REINDEX_OBJECT_SYSTEM: "SYSTEM",
    };
    const what = words[node.kind as keyof typeof words];
    return [
      {
        ...(effect ? { table: effect.table, isBySize: true } : {}),
        message: effect
          ? `indexes are built anew: ${describeBlock(effect)}, nor read it by an index`
          : `\`REINDEX ${what ?? ""}\` blocks writes to one table after the other`,
        hint: "`REINDEX … CONCURRENTLY`; or `pgwright indexes repair`, which finds the invalid ones",
      },
    ];
  },
};
