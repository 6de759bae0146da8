import { ident } from "../../db/identifier.ts";
import { ruleOfFacts, sqlName } from "../say.ts";

export const addColumnRequired = ruleOfFacts({
  name: "add-column-required",
  severity: "error",
  summary: "a new column that is NOT NULL without a default fails where there are rows",
  why: "There is no value for the rows that are there, so PostgreSQL refuses the statement on any table that is not empty; and programs of the release before do not know the column, so their inserts fail.",
  safe: "ALTER TABLE orders ADD COLUMN region text NOT NULL DEFAULT 'eu';\n-- or nullable at first, filled in batches, then NOT NULL by way of a validated CHECK",
  squawk: ["adding-required-field"],
  facts: ["add-column-required"],
  say: ({ table, column = "" }) => ({
    message: `${sqlName(table)}.${ident(column)} is required and has no default: the statement fails as soon as ${sqlName(table)} has a row`,
    hint: `give it a DEFAULT that is not volatile, which rewrites nothing; or add it nullable, fill it, and require it later`,
  }),
});
