import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName, unsureWords } from "../say.ts";

/** Only a volatile default differs from row to row: now() is stable and rewrites nothing. */
export const addColumnVolatile = ruleOfFacts({
  name: "add-column-volatile",
  severity: "error",
  summary: "a new column with a volatile default rewrites the table",
  why: "A default that is not volatile is stored once, for all rows, since PostgreSQL 11: constants, now() and CURRENT_USER cost nothing. random(), clock_timestamp(), gen_random_uuid() and nextval() give every row its own value, so every row is written anew under ACCESS EXCLUSIVE.",
  safe: "ALTER TABLE orders ADD COLUMN token uuid;\nALTER TABLE orders ALTER COLUMN token SET DEFAULT gen_random_uuid();\n-- then fill the rows that are there in batches",
  squawk: ["adding-field-with-default"],
  facts: ["add-column-volatile"],
  say: (effect) => {
    const [table, column] = [sqlName(effect.table), ident(effect.column ?? "")];
    return {
      message: `the default of ${table}.${column} ${effect.unsure === undefined ? "is" : "may be"} volatile: ${describeBlock(effect)}${unsureWords(effect)}`,
      hint: `\`ALTER TABLE ${table} ADD COLUMN ${column} …;\` without the default, then \`ALTER TABLE ${table} ALTER COLUMN ${column} SET DEFAULT …;\`, which is for new rows, and fill the old ones in batches`,
    };
  },
});
