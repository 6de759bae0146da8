import type { View } from "../database.ts";
import { formatNames, type Judgement, type Rule } from "../rule.ts";

/** A view reads with its owner's rights unless it says security_invoker (15+). */
export const viewBypass: Rule = {
  name: "policies/view-bypass",
  judge: ({ views }) =>
    views
      .filter(({ isMaterialized, grantees }) => !isMaterialized && grantees.length > 0)
      .map(judgeView),
};

function judgeView({ name, tables, readers, grantees }: View): Judgement {
  return {
    severity: "warning",
    message: `view ${name} shows ${formatNames(grantees)} rows of ${formatNames(tables)} past their policies: it reads as ${formatNames(readers)}`,
    hint: `\`ALTER VIEW ${name} SET (security_invoker = true);\`; where it is meant, acknowledge it in policies/lint.yaml with the reason`,
    object: name,
  };
}

/** Row security does not exist for materialized views. */
export const matviewGranted: Rule = {
  name: "policies/matview-granted",
  judge: ({ views }) =>
    views
      .filter(({ isMaterialized, grantees }) => isMaterialized && grantees.length > 0)
      .map(({ name, tables, grantees }) => ({
        severity: "warning",
        message: `materialized view ${name} holds rows of ${formatNames(tables)} whatever their policies say, and ${formatNames(grantees)} may read it`,
        hint: `\`REVOKE ALL ON ${name} FROM ${grantees.join(", ")};\` and grant a view over it that filters by who asks`,
        object: name,
      })),
};
