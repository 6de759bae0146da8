import { ident } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { inShort, withWordsAfter, withoutWords } from "../../db/sql-text.ts";
import type { Model } from "../../locks/model.ts";
import { keyOf } from "../../locks/model.ts";
import { Names, indexColumns } from "../../migrate/online/names.ts";
import { nodeOf } from "../rule.ts";
import { describeBlock, ruleOfFacts, sqlName, unsureWords } from "../say.ts";

export const createIndex = ruleOfFacts({
  name: "create-index",
  severity: "error",
  summary: "CREATE INDEX without CONCURRENTLY blocks writes until it is built",
  why: "The table is locked in SHARE mode, beside which nobody can insert, update or delete. CONCURRENTLY reads the table twice and blocks nobody. pgwright runs it outside of the transaction by itself, finds an invalid index of an interrupted build again, and builds an index of a partitioned table leaf by leaf.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);",
  squawk: ["require-concurrent-index-creation"],
  facts: ["create-index"],
  say: (effect, step) => {
    const { statement, model } = step;
    const isPartitioned = model.table(effect.table)?.kind === "partitioned";
    const index = nodeOf(step, "IndexStmt") ?? {};
    const safe = inShort(concurrently(statement.text, index, effect.table, model), 200);
    return {
      message: `an index on ${sqlName(effect.table)} is built: ${describeBlock(effect)}${isPartitioned ? ", on every partition" : ""}${unsureWords(effect)}`,
      hint: `\`${safe};\`${isPartitioned ? ", which pgwright builds leaf by leaf; PostgreSQL itself has no CONCURRENTLY for a partitioned table" : ""}`,
    };
  },
});

/**
 * The statement with CONCURRENTLY, in the form that `validate` takes: with the name that PostgreSQL
 * would choose, by which an unfinished index is found again, and without IF NOT EXISTS, by which an
 * invalid one would pass.
 */
function concurrently(text: string, index: Tree.IndexStmt, table: string, model: Model): string {
  const plain = index.if_not_exists ? withoutWords(text, "if", "not", "exists") : text;
  if (index.idxname !== undefined && index.idxname !== "") {
    return withWordsAfter(plain, "index", "CONCURRENTLY");
  }
  return withWordsAfter(plain, "index", `CONCURRENTLY ${chooseName(index, table, model)}`);
}

/** The name, as SQL, that PostgreSQL would give an index without one. */
export function chooseName(index: Tree.IndexStmt, table: string, model: Model): string {
  const name = model.table(table)?.name ?? keyOf(table);
  const columns = indexColumns(index) ?? ["expr"];
  return ident(new Names(model, new Set()).index({ name }, columns));
}
