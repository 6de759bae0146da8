import { describeBlock, ruleOfFacts, sqlName } from "../say.ts";
import { inShort, withWordsAfter } from "../../db/sql-text.ts";

export const createIndex = ruleOfFacts({
  name: "create-index",
  severity: "error",
  summary: "CREATE INDEX without CONCURRENTLY blocks writes until it is built",
  why: "The table is locked in SHARE mode, beside which nobody can insert, update or delete. CONCURRENTLY reads the table twice and blocks nobody. pgwright runs it outside of the transaction by itself, finds an invalid index of an interrupted build again, and builds an index of a partitioned table leaf by leaf.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);",
  squawk: ["require-concurrent-index-creation"],
  facts: ["create-index"],
  say: (effect, { statement, model }) => {
    const isPartitioned = model.table(effect.table)?.kind === "partitioned";
    const safe = inShort(withWordsAfter(statement.text, "index", "CONCURRENTLY"), 200);
    return {
      message: `an index on ${sqlName(effect.table)} is built: ${describeBlock(effect)}${isPartitioned ? ", on every partition" : ""}`,
      hint: `\`${safe};\`${isPartitioned ? ", which pgwright builds leaf by leaf; PostgreSQL itself has no CONCURRENTLY for a partitioned table" : ""}`,
    };
  },
});
