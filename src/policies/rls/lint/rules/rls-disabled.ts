import { formatNames, type Rule } from "../rule.ts";

/** Whoever made the other tables of the schema safe has probably forgotten this one. */
export const rlsDisabled: Rule = {
  name: "policies/rls-disabled",
  judge: ({ bareTables }) =>
    bareTables.map(({ name, grantees, beside }) => ({
      severity: "warning",
      message: `${formatNames(grantees)} may reach every row of ${name}, which has no row security, unlike ${beside} beside it`,
      hint: `\`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\` and policies in policies/rls/; if its rows are nobody's, acknowledge it in policies/lint.yaml with the reason`,
      object: name,
    })),
};
