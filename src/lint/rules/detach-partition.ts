import { relationName, as } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const detachPartition: LintRule = {
  name: "detach-partition",
  severity: "warning",
  summary: "DETACH PARTITION without CONCURRENTLY stops everybody who wants the table",
  why: "ACCESS EXCLUSIVE is taken on the partitioned table and on the partition. CONCURRENTLY takes SHARE UPDATE EXCLUSIVE; PostgreSQL refuses it where there is a default partition.",
  safe: "ALTER TABLE orders DETACH PARTITION orders_2020 CONCURRENTLY;",
  squawk: ["require-concurrent-partition-detach"],
  kinds: ["AT_DetachPartition"],
  judge: (step) =>
    alterCommands(step).flatMap((one) => {
      const { command, effects, table } = one;
      if (!effects.some(({ fact }) => fact === "detach-partition")) return [];
      const partition = relationName(as(command.def, "PartitionCmd")?.name);
      return [
        {
          table,
          message: `\`DETACH PARTITION ${sqlName(partition)}\` takes ACCESS EXCLUSIVE on ${sqlName(table)}`,
          hint: `\`${one.head} DETACH PARTITION ${sqlName(partition)} CONCURRENTLY;\`, where there is no default partition`,
        },
      ];
    }),
};
