import { ident } from "../../db/identifier.ts";
import { as } from "../../db/tree.ts";
import { constraintOf } from "../../locks/column.ts";
import type { Step } from "../rule.ts";
import { safeColumn, safeKey } from "../safe-form.ts";
import { commandOf, describeBlock, ruleOfFacts, sqlName } from "../say.ts";
import type { AlterCommand } from "../say.ts";

export const addColumnUnique = ruleOfFacts({
  name: "add-column-unique",
  severity: "error",
  summary: "a new column that is UNIQUE builds its index under the strongest lock",
  why: "The index is built while ACCESS EXCLUSIVE is held, so nobody can even read the table.",
  safe: "ALTER TABLE orders ADD COLUMN number text;\nCREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;",
  squawk: ["disallowed-unique-constraint", "adding-serial-primary-key-field"],
  facts: ["add-column-unique"],
  say: (effect, step) => {
    const { table, column = "" } = effect;
    const command = commandOf(step, effect);
    return {
      message: `the index of ${sqlName(table)}.${ident(column)} comes with the column: ${describeBlock(effect)}`,
      hint: (command && safeColumn(step, command)) ?? aloneFirst(step, column, command),
    };
  },
});

/** Of a column that is the key, or whose values are a rewrite of the table. */
function aloneFirst(step: Step, column: string, command: AlterCommand | undefined): string {
  const alone = "add the column alone, and fill it";
  const unique = constraintOf(as(command?.command.def, "ColumnDef"), "CONSTR_UNIQUE");
  // What is to be the key has to be NOT NULL before, which nobody can say of it yet.
  if (!command || !unique)
    return `${alone}; then make it NOT NULL, and the primary key, step by step`;
  const keys = [{ String: { sval: column } }];
  return `${alone}, then ${safeKey(step, command, { ...unique, keys })}`;
}
