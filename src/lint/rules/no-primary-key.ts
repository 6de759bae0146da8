import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName } from "../../db/tree.ts";
import { constraintOf } from "../../locks/column.ts";
import { keyOf } from "../../locks/model.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";
import { isMadeTemporary } from "../../locks/statement-names.ts";

function tablesThatGetOne({ node }: Statement): string[] {
  const alter = as(node, "AlterTableStmt");
  const gets = allOf(alter?.cmds, "AlterTableCmd").some(({ def }) => {
    const column = as(def, "ColumnDef");
    return (
      as(def, "Constraint")?.contype === "CONSTR_PRIMARY" ||
      (column !== undefined && constraintOf(column, "CONSTR_PRIMARY") !== undefined)
    );
  });
  return gets ? [keyOf(relationName(alter?.relation))] : [];
}

export const noPrimaryKey: LintRule = {
  name: "no-primary-key",
  severity: "warning",
  summary: "a new table without a primary key",
  why: "Its rows cannot be told apart: logical replication refuses UPDATE and DELETE, batches have nothing to go along, and a duplicate can only be deleted by its place.",
  safe: "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);",
  kinds: ["CreateStmt"],
  judge: (step) => {
    const create = nodeOf(step, "CreateStmt");
    if (!create || isMadeTemporary(create.relation)) return [];
    // Its columns come from elsewhere, and its keys with them.
    const hasParent =
      (create.inhRelations?.length ?? 0) > 0 ||
      allOf(create.tableElts, "TableLikeClause").length > 0 ||
      create.ofTypename !== undefined;
    const has =
      allOf(create.tableElts, "ColumnDef").some((column) =>
        constraintOf(column, "CONSTR_PRIMARY"),
      ) ||
      allOf(create.tableElts, "Constraint").some(({ contype }) => contype === "CONSTR_PRIMARY");
    if (hasParent || has) return [];
    const name = relationName(create.relation);
    if (step.file.has(tablesThatGetOne, keyOf(name))) return [];
    return [
      {
        object: name,
        message: `${sqlName(name)} has no primary key`,
        hint: "`id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`, or PRIMARY KEY over the columns that tell its rows apart",
      },
    ];
  },
};
