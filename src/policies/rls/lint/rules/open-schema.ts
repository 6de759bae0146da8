import type { Rule } from "../rule.ts";

/** Up to PostgreSQL 14 `public` began like that, and an upgrade keeps it. */
export const openSchema: Rule = {
  name: "policies/open-schema",
  judge: ({ openSchemas }) =>
    openSchemas.map((name) => ({
      severity: "warning",
      message: `every role may create objects in schema ${name}, which sessions search: a function or table of an attacker's can stand in for the one that is meant`,
      hint: `\`REVOKE CREATE ON SCHEMA ${name} FROM PUBLIC;\``,
      object: `schema ${name}`,
    })),
};
