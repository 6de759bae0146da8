import { allOf, relationName } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

const most = 3;

export const wideIndex: LintRule = {
  name: "wide-index",
  severity: "info",
  summary: "an index over more than three columns that is not unique",
  why: "Each column makes it larger and dearer to keep, and only the first ones find rows; what is only to be read goes into INCLUDE.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_placed_at_idx ON orders (customer_id, placed_at) INCLUDE (state, total);",
  kinds: ["IndexStmt"],
  judge: (step) => {
    const index = nodeOf(step, "IndexStmt");
    const columns = allOf(index?.indexParams, "IndexElem");
    // For GIN and BRIN each column stands for itself.
    if (!index || index.unique || columns.length <= most || index.accessMethod !== "btree")
      return [];
    return [
      {
        object: index.idxname ?? relationName(index.relation),
        message:
          `the index ${index.idxname ?? ""} on ${sqlName(relationName(index.relation))} has ${columns.length} columns: past the first ${most} they hardly narrow anything`.replace(
            "index  on",
            "index on",
          ),
        hint: "keep those that find rows; those that are only read go behind INCLUDE",
      },
    ];
  },
};
