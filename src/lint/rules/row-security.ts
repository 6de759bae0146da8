import type { Statement } from "../../db/script.ts";
import { as, relationName } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

function withPolicy({ node }: Statement): string[] {
  const policy = as(node, "CreatePolicyStmt");
  return policy ? [relationName(policy.table)] : [];
}

export const rowSecurity: LintRule = {
  name: "row-security",
  severity: "warning",
  summary: "row level security is switched on without a policy, or off",
  why: "Without a policy nobody but the owner sees a row, and no error says so: programs go on with empty results. Switched off, everybody who may read the table sees all of it.",
  safe: "CREATE POLICY own ON orders USING (customer_id = nullif(current_setting('app.current_user_id', true), '')::uuid);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
  kinds: ["AT_EnableRowSecurity", "AT_DisableRowSecurity"],
  judge: (step) =>
    alterCommands(step).flatMap(({ command, table }) => {
      if (command.subtype === "AT_DisableRowSecurity") {
        return [
          {
            table,
            severity: "error" as const,
            message: `row level security of ${sqlName(table)} is switched off: whoever may read the table sees all rows`,
            hint: "change its policies instead; for work as the owner, `SET LOCAL row_security = off` or BYPASSRLS",
          },
        ];
      }
      if (command.subtype !== "AT_EnableRowSecurity") return [];
      if (step.file.has(withPolicy, table)) return [];
      return [
        {
          table,
          message: `row level security of ${sqlName(table)} is switched on, and this file makes no policy: nobody but the owner sees a row`,
          hint: `CREATE POLICY in the same file; or declare both in policies/rls/, which pgwright applies in the same transaction`,
        },
      ];
    }),
};
