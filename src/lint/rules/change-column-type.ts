import { ident } from "../../db/identifier.ts";
import { describeBlock, ruleOfFacts, sqlName, unsureWords } from "../say.ts";

/** Judged by the type that the column has: widening varchar(20) is free, int to bigint is not. */
export const changeColumnType = ruleOfFacts({
  name: "change-column-type",
  severity: "error",
  summary:
    "a change of a column's type that rewrites the table, builds an index, or checks every row",
  why: "Where the new type is stored in another way, every row and every index is written anew under ACCESS EXCLUSIVE. Nothing is rewritten where a limit is lifted (varchar(20) to varchar(50), numeric(8, 2) to numeric(12, 2)), from varchar to text and back without a limit, and between timestamp and timestamptz where TimeZone is UTC. An index of the column is built anew all the same where it has an expression or a condition, or where the new type or collation sorts in another way.",
  safe: "ALTER TABLE orders ADD COLUMN number_new bigint;\n-- a trigger that keeps it equal, the rows that are there in batches, then in one transaction:\nALTER TABLE orders RENAME COLUMN number TO number_old;\nALTER TABLE orders RENAME COLUMN number_new TO number;",
  squawk: ["changing-column-type"],
  facts: ["alter-type-rewrite", "alter-type-checked", "alter-type-index"],
  say: (effect, { model }) => {
    const [table, column] = [sqlName(effect.table), ident(effect.column ?? "")];
    if (effect.index !== undefined) {
      const name = sqlName(effect.index);
      const isOwn = model.index(effect.index)?.constraint === undefined;
      return {
        message: `the index ${name} is built anew for the new type of ${table}.${column}: ${describeBlock(effect)}`,
        hint: `${isOwn ? `\`DROP INDEX CONCURRENTLY ${name};\` before, where queries can do without, and CREATE INDEX CONCURRENTLY behind; or ` : ""}add a column of the new type with an index of its own, keep it equal by a trigger, fill it in batches, then exchange the names`,
      };
    }
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
