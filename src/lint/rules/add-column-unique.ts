import { composeName } from "../../migrate/online/names.ts";
import { ident } from "../../db/identifier.ts";
import { bareName, describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const addColumnUnique = ruleOfFacts({
  name: "add-column-unique",
  severity: "error",
  summary: "a new column that is UNIQUE builds its index under the strongest lock",
  why: "The index is built while ACCESS EXCLUSIVE is held, so nobody can even read the table.",
  safe: "ALTER TABLE orders ADD COLUMN number text;\nCREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;",
  squawk: ["disallowed-unique-constraint", "adding-serial-primary-key-field"],
  facts: ["add-column-unique"],
  say: (effect) => {
    const { table, column = "" } = effect;
    const name = ident(composeName(bareName(table), column, "key"));
    return {
      message: `the index of ${sqlName(table)}.${ident(column)} comes with the column: ${describeBlock(effect)}`,
      hint: `add the column alone, then \`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${ident(column)});\`, then \`ALTER TABLE ${sqlName(table)} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name};\``,
    };
  },
});
