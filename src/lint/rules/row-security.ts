import type { Statement } from "../../db/script.ts";
import { ident } from "../../db/identifier.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { alterCommands, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";

function withPolicy({ node }: Statement): string[] {
  const policy = as(node, "CreatePolicyStmt");
  return policy ? [relationName(policy.table)] : [];
}

/** The tables of permissive policies alone: the others only take rows away. */
function withPermissive({ node }: Statement): string[] {
  const policy = as(node, "CreatePolicyStmt");
  return policy?.permissive ? [relationName(policy.table)] : [];
}

/** The tables that have no row level security behind it, or are gone. */
function withoutSecurity({ node }: Statement): string[] {
  const alter = as(node, "AlterTableStmt");
  const commands = allOf(alter?.cmds, "AlterTableCmd");
  if (commands.some(({ subtype }) => subtype === "AT_DisableRowSecurity")) {
    return [relationName(alter?.relation)];
  }
  const drop = as(node, "DropStmt");
  if (drop?.removeType !== "OBJECT_TABLE") return [];
  return allOf(drop.objects, "List").map(({ items }) => stringsOf(items).join("."));
}

/** DROP POLICY of the last one that lets anybody see a row. */
function lastPolicy(step: Step): Judgement[] {
  const drop = nodeOf(step, "DropStmt");
  if (drop?.removeType !== "OBJECT_POLICY") return [];
  const parts = stringsOf(as(drop.objects?.[0], "List")?.items);
  const [name = "", table] = [parts.at(-1), parts.slice(0, -1).join(".")];
  const { hasRowSecurity, policies } = step.model.table(table) ?? {};
  const permissive = [...(policies ?? [])].filter(([, isPermissive]) => isPermissive);
  const isLast = permissive.length === 1 && permissive[0]?.[0] === name;
  if (!hasRowSecurity || !isLast) return [];
  const { file, statement } = step;
  if (file.hasBehind(statement, withPermissive, table)) return [];
  if (file.hasBehind(statement, withoutSecurity, table)) return [];
  return [
    {
      table,
      message: `${ident(name)} is the last policy of ${sqlName(table)} that lets anybody see a row: from then on nobody but the owner sees one`,
      hint: "CREATE POLICY of the one that takes its place in the same file; or declare it in policies/rls/, which pgwright applies in the same transaction",
    },
  ];
}

export const rowSecurity: LintRule = {
  name: "row-security",
  severity: "warning",
  summary:
    "row level security is switched on without a policy, loses its last one, or is switched off",
  why: "Without a policy that is permissive nobody but the owner sees a row, and no error says so: programs go on with empty results. Switched off, everybody who may read the table sees all of it.",
  safe: "CREATE POLICY own ON orders USING (customer_id = nullif(current_setting('app.current_user_id', true), '')::uuid);\nALTER TABLE orders ENABLE ROW LEVEL SECURITY;",
  kinds: ["AT_EnableRowSecurity", "AT_DisableRowSecurity", "DropStmt"],
  judge: (step) => [
    ...lastPolicy(step),
    ...alterCommands(step).flatMap(({ command, table }) => {
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
  ],
};
