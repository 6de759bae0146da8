import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName, unsureWords } from "../say.ts";

/** Judged by the type that the column has: widening varchar(20) is free, int to bigint is not. */
export const changeColumnType = ruleOfFacts({
  name: "change-column-type",
  severity: "error",
  summary: "a change of a column's type that rewrites the table, or checks every row",
  why: "Where the new type is stored in another way, every row and every index is written anew under ACCESS EXCLUSIVE. Nothing is rewritten where a limit is lifted (varchar(20) to varchar(50), numeric(8, 2) to numeric(12, 2)), from varchar to text and back without a limit, and between timestamp and timestamptz where TimeZone is UTC.",
  safe: "ALTER TABLE orders ADD COLUMN number_new bigint;\n-- a trigger that keeps it equal, the rows that are there in batches, then in one transaction:\nALTER TABLE orders RENAME COLUMN number TO number_old;\nALTER TABLE orders RENAME COLUMN number_new TO number;",
  squawk: ["changing-column-type"],
  facts: ["alter-type-rewrite", "alter-type-checked"],
  say: (effect) => {
    const [table, column] = [sqlName(effect.table), ident(effect.column ?? "")];
    const isChecked = effect.fact === "alter-type-checked";
    return {
      severity: isChecked ? "warning" : "error",
      message: `${isChecked ? `a CHECK on ${table}.${column} is checked again for its new type` : `the new type of ${table}.${column} ${effect.unsure === undefined ? "is" : "may be"} stored in another way`}: ${describeBlock(effect)}${unsureWords(effect)}`,
      hint: isChecked
        ? "drop the CHECK before, and add it again with NOT VALID, to be validated in another transaction"
        : `add a column of the new type, keep it equal by a trigger, fill it in batches, then exchange the names`,
    };
  },
});
