import { ident } from "../../db/identifier.ts";
import { as, relationName } from "../../db/tree.ts";
import type { Effect } from "../../locks/effect.ts";
import type { Judgement, LintRule } from "../rule.ts";
import { alterCommands, apart, bareName, sqlName } from "../say.ts";

export const attachPartition: LintRule = {
  name: "attach-partition",
  severity: "warning",
  summary: "ATTACH PARTITION reads the whole new partition, and any new one the default partition",
  why: "The rows of the new partition are checked under ACCESS EXCLUSIVE on it. A valid CHECK with the same bounds is a proof, and nothing is read. The default partition is read, too, under ACCESS EXCLUSIVE, unless a valid CHECK says that it has no such rows; CREATE TABLE … PARTITION OF reads it as well.",
  safe: "ALTER TABLE orders_2024 ADD CONSTRAINT bounds CHECK (at >= '2024-01-01' AND at < '2025-01-01') NOT VALID;\n-- in another transaction\nALTER TABLE orders_2024 VALIDATE CONSTRAINT bounds;\nALTER TABLE orders ATTACH PARTITION orders_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
  kinds: ["AT_AttachPartition"],
  facts: ["create-beside-default"],
  judge: (step) => [
    ...alterCommands(step).flatMap(({ command, effects, table }) => {
      const partition = relationName(as(command.def, "PartitionCmd")?.name);
      if (!effects.some(({ fact }) => fact === "attach-partition")) return [];
      return [
        {
          table: partition,
          isBySize: true,
          message: `every row of ${sqlName(partition)} is checked against the bounds it gets in ${sqlName(table)}, under ACCESS EXCLUSIVE on it`,
          hint: `\`ALTER TABLE ${sqlName(partition)} ADD CONSTRAINT ${ident(`${bareName(partition)}_bounds`)} CHECK (…) NOT VALID;\` with the same bounds, and VALIDATE it before; ${apart}`,
        },
      ];
    }),
    ...step.effects.flatMap(onDefault),
  ],
};

/** It may be old where the new partition has no row that anybody waits for. */
function onDefault({ fact, other }: Effect): Judgement[] {
  const isRead = fact === "attach-beside-default" || fact === "create-beside-default";
  if (!isRead || !other) return [];
  const name = sqlName(other.table);
  return [
    {
      table: other.table,
      isBySize: true,
      message: `every row of the default partition ${name} is read, to see that none belongs to the new one: nobody can read or write it (${other.lock})`,
      hint: `\`ALTER TABLE ${name} ADD CONSTRAINT ${ident(`${bareName(other.table)}_others`)} CHECK (…) NOT VALID;\` that excludes the bounds of the new one, with IS NOT NULL for its column, and VALIDATE it before; ${apart}`,
    },
  ];
}
