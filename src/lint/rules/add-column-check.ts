import { ident } from "../../db/identifier.ts";
import { safeColumn } from "../safe-form.ts";
import { apart, commandOf, describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const addColumnCheck = ruleOfFacts({
  name: "add-column-check",
  severity: "warning",
  summary: "a CHECK that comes with a new column reads the whole table",
  why: "All rows have the same value in the new column, and PostgreSQL reads each of them all the same, under ACCESS EXCLUSIVE.",
  safe: "ALTER TABLE orders ADD COLUMN price numeric;\nALTER TABLE orders ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT price_positive;",
  facts: ["add-column-check"],
  say: (effect, step) => {
    const command = commandOf(step, effect);
    return {
      message: `the CHECK of ${sqlName(effect.table)}.${ident(effect.column ?? "")} is checked for every row: ${describeBlock(effect)}`,
      hint:
        (command && safeColumn(step, command)) ??
        `add the column without it, then the CHECK with NOT VALID, then VALIDATE CONSTRAINT; ${apart}`,
    };
  },
});
