import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const addColumnDomain = ruleOfFacts({
  name: "add-column-domain",
  severity: "error",
  summary: "a new column of a domain with a constraint rewrites the table",
  why: "PostgreSQL computes the value of every row to check it against the domain, even where there is no default, and writes the table anew under ACCESS EXCLUSIVE.",
  safe: "ALTER TABLE orders ADD COLUMN price numeric;\nALTER TABLE orders ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT price_positive;",
  facts: ["add-column-domain"],
  say: (effect) => ({
    message: `the domain of ${sqlName(effect.table)}.${ident(effect.column ?? "")} has a constraint: ${describeBlock(effect)}`,
    hint: "use the domain's base type, with a CHECK that is NOT VALID at first and validated in another transaction",
  }),
});
