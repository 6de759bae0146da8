import { formatNames, type Rule } from "../rule.ts";

/** It runs with its owner's rights, and finds tables and functions where its caller says. */
export const definerSearchPath: Rule = {
  name: "policies/definer-search-path",
  judge: ({ definers }) =>
    definers
      // A trigger is not called, but runs for whoever writes the table.
      .filter(({ grantees, isTrigger }) => grantees.length > 0 || isTrigger)
      .map(({ name, signature, kind, grantees, isTrigger }) => ({
        severity: "warning",
        message: `${name}() runs with its owner's rights and with the search_path of its caller (${isTrigger ? "whoever writes the table" : formatNames(grantees)}), who can put functions of his own before the ones it means`,
        hint: `\`ALTER ${kind} ${signature} SET search_path = pg_catalog, pg_temp;\` with every other name qualified`,
        object: name,
      })),
};
