import { as } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const replicaIdentity: LintRule = {
  name: "replica-identity",
  severity: "warning",
  summary: "REPLICA IDENTITY FULL or NOTHING",
  why: "With FULL the whole old row of each UPDATE and DELETE goes to the WAL, and a subscriber without a fitting index reads its table for each of them. With NOTHING, UPDATE and DELETE fail where the table is published.",
  safe: "ALTER TABLE orders REPLICA IDENTITY USING INDEX orders_number_key;",
  kinds: ["AT_ReplicaIdentity"],
  judge: (step) =>
    alterCommands(step).flatMap(({ command, table }) => {
      const type = as(command.def, "ReplicaIdentityStmt")?.identity_type;
      if (type !== "f" && type !== "n") return [];
      return [
        {
          table,
          message:
            type === "f"
              ? `each UPDATE and DELETE of ${sqlName(table)} writes the whole old row to the WAL`
              : `UPDATE and DELETE of ${sqlName(table)} fail as soon as it is published`,
          hint: `\`ALTER TABLE ${sqlName(table)} REPLICA IDENTITY DEFAULT;\` takes the primary key, USING INDEX another one`,
        },
      ];
    }),
};
