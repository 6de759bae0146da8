import { describeBlock, ruleOfFacts } from "../say.ts";
import { inShort } from "../../db/sql-text.ts";

export const rewriteTable = ruleOfFacts({
  name: "rewrite-table",
  severity: "error",
  summary: "SET LOGGED, SET TABLESPACE and SET ACCESS METHOD write the whole table anew",
  why: "Table and indexes are copied under ACCESS EXCLUSIVE, and with SET LOGGED all of it goes through the WAL. So it is with a new expression of a stored generated column.",
  safe: "-- a new table in the right place, rows copied in batches, then the names exchanged",
  facts: ["set-logged", "set-tablespace", "set-access-method", "set-expression"],
  say: (effect, { statement }) => ({
    message: `\`${inShort(statement.text)}\`: ${describeBlock(effect)}`,
    hint: "do it in a maintenance window, or copy the rows in batches into a new table and exchange the names",
  }),
});
