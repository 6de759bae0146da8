import { ruleOfFacts } from "../say.ts";
import { inShort, withWordsAfter } from "../../db/sql-text.ts";

export const dropIndex = ruleOfFacts({
  name: "drop-index",
  severity: "warning",
  summary: "DROP INDEX without CONCURRENTLY stops everybody who wants the table",
  why: "It is quick, but it takes ACCESS EXCLUSIVE on the table: it waits for the longest query that is running, and everybody who comes later waits behind it. pgwright gives up after lock_timeout and tries again; CONCURRENTLY stops nobody.",
  safe: "DROP INDEX CONCURRENTLY orders_customer_id_idx;",
  squawk: ["require-concurrent-index-deletion"],
  facts: ["drop-index"],
  say: ({ table }, { statement, model }) => {
    // PostgreSQL refuses CONCURRENTLY for them.
    if (model.table(table)?.kind === "partitioned") return undefined;
    return {
      isBySize: false,
      message: `\`${inShort(statement.text)}\` takes ACCESS EXCLUSIVE on ${table}`,
      hint: `\`${inShort(withWordsAfter(statement.text, "index", "CONCURRENTLY"), 200)};\``,
    };
  },
});
