import { allOf, stringsOf } from "../../db/tree.ts";
import { inShort } from "../../db/sql-text.ts";
import { nodeOf } from "../rule.ts";
import { ruleOfFacts, sqlName, tableName } from "../say.ts";

export const dropIndex = ruleOfFacts({
  name: "drop-index",
  severity: "warning",
  summary: "DROP INDEX without CONCURRENTLY stops everybody who wants the table",
  why: "It is quick, but it takes ACCESS EXCLUSIVE on the table: it waits for the longest query that is running, and everybody who comes later waits behind it. pgwright gives up after lock_timeout and tries again; CONCURRENTLY stops nobody.",
  safe: "DROP INDEX CONCURRENTLY orders_customer_id_idx;",
  squawk: ["require-concurrent-index-deletion"],
  facts: ["drop-index"],
  say: ({ table }, step) => {
    const { statement, model } = step;
    // PostgreSQL refuses CONCURRENTLY for them.
    if (model.table(table)?.kind === "partitioned") return undefined;
    const drop = nodeOf(step, "DropStmt");
    const ifExists = drop?.missing_ok === true ? "IF EXISTS " : "";
    // PostgreSQL takes one index for CONCURRENTLY, and no CASCADE.
    const each = allOf(drop?.objects, "List").map(
      ({ items }) =>
        `\`DROP INDEX CONCURRENTLY ${ifExists}${sqlName(stringsOf(items).join("."))};\``,
    );
    return {
      isBySize: false,
      message: `\`${inShort(statement.text)}\` takes ACCESS EXCLUSIVE on ${tableName(table)}`,
      hint: each.length > 4 ? `${each[0]}, and so on with each` : each.join(", then "),
    };
  },
});
