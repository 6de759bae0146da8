import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { keyOf } from "../../locks/model.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

function dropped({ node }: Statement): string[] {
  return allOf(as(node, "DropStmt")?.objects, "List").map(({ items }) =>
    keyOf(stringsOf(items).join(".")),
  );
}

export const redundantIndex: LintRule = {
  name: "redundant-index",
  severity: "warning",
  summary: "an index whose columns a unique constraint or another index has already",
  why: "It finds nothing that the other does not find, and every write pays for it.",
  safe: "-- no index: UNIQUE (number) has one",
  kinds: ["IndexStmt"],
  judge: (step) => {
    const index = nodeOf(step, "IndexStmt");
    const table = index && step.model.table(relationName(index.relation));
    if (!index || !table || index.whereClause || index.indexIncludingParams?.length) return [];
    const params = allOf(index.indexParams, "IndexElem");
    const isPlain = params.every(
      ({ name, opclass, collation, ordering, nulls_ordering }) =>
        name !== undefined &&
        !opclass?.length &&
        !collation?.length &&
        (ordering ?? "SORTBY_DEFAULT") === "SORTBY_DEFAULT" &&
        (nulls_ordering ?? "SORTBY_NULLS_DEFAULT") === "SORTBY_NULLS_DEFAULT",
    );
    if (!isPlain || index.accessMethod !== "btree") return [];
    const columns = params.map(({ name }) => name ?? "");
    const twin = step.model
      .indexesOf(table)
      .find(
        (other) =>
          other.columns.length === columns.length &&
          other.columns.every((column, at) => column === columns[at]) &&
          (other.isUnique || !index.unique) &&
          other.isBtree !== false &&
          !step.file.has(dropped, other.name),
      );
    if (!twin) return [];
    return [
      {
        object: index.idxname ?? table.name,
        message: `${sqlName(table.name)} (${columns.join(", ")}) has the index ${sqlName(twin.name)} already${twin.constraint === undefined ? "" : ", that of a constraint"}`,
        hint: "leave it out",
      },
    ];
  },
};
