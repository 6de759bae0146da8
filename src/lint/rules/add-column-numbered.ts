import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName } from "../say.ts";

export const addColumnNumbered = ruleOfFacts({
  name: "add-column-numbered",
  severity: "error",
  summary: "a new serial or identity column rewrites the table",
  why: "Every row gets its number from the sequence, so every row is written anew under ACCESS EXCLUSIVE.",
  safe: "ALTER TABLE orders ADD COLUMN number bigint;\nCREATE SEQUENCE orders_number_seq OWNED BY orders.number;\nALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('orders_number_seq');\n-- then number the rows that are there in batches",
  squawk: ["adding-field-with-default"],
  facts: ["add-column-numbered"],
  say: (effect) => {
    const [table, column] = [sqlName(effect.table), ident(effect.column ?? "")];
    return {
      message: `${table}.${column} numbers every row: ${describeBlock(effect)}`,
      hint: `\`ALTER TABLE ${table} ADD COLUMN ${column} bigint;\`, a sequence OWNED BY it, \`ALTER COLUMN ${column} SET DEFAULT nextval(…)\`, and the rows that are there in batches`,
    };
  },
});
