import { describeBlock, ruleOfFacts } from "../say.ts";
import { nodeOf } from "../rule.ts";
import { isOptionOn } from "../../db/tree.ts";
import type { LintRule } from "../rule.ts";

const ofTable = ruleOfFacts({
  name: "vacuum-full",
  severity: "error",
  summary: "VACUUM FULL and CLUSTER write the whole table anew",
  why: "Table and indexes are copied under ACCESS EXCLUSIVE. A plain VACUUM makes the room usable again beside everybody's work; pg_repack gives it back to the disk.",
  safe: "VACUUM (ANALYZE) orders;\n-- or, outside of migrations: pg_repack -t orders",
  squawk: ["prefer-repack"],
  facts: ["vacuum-full", "cluster"],
  say: (effect) => ({
    message: describeBlock(effect),
    hint: "a plain `VACUUM` makes the room usable again and blocks nobody; pg_repack gives it back",
  }),
});

/** Without a table it goes through all of them. */
export const vacuumFull: LintRule = {
  ...ofTable,
  kinds: ["VacuumStmt", "ClusterStmt"],
  judge: (step) => {
    const vacuum = nodeOf(step, "VacuumStmt");
    const isAll =
      (vacuum && !vacuum.rels?.length && isOptionOn(vacuum.options, "full", false)) ||
      (nodeOf(step, "ClusterStmt") && !nodeOf(step, "ClusterStmt")?.relation);
    return isAll
      ? [
          {
            message: "every table is written anew under ACCESS EXCLUSIVE, one after the other",
            hint: "name the one table that needs it, and do it outside of migrations",
          },
        ]
      : ofTable.judge(step);
  },
};
