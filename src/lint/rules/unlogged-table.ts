import { relationName } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const unloggedTable: LintRule = {
  name: "unlogged-table",
  severity: "warning",
  summary: "a table is UNLOGGED",
  why: "After a crash it is empty, on replicas it cannot be read, and no backup from the WAL has it.",
  safe: "CREATE TABLE import_rows (…);",
  kinds: ["CreateStmt", "CreateTableAsStmt"],
  judge: (step) => {
    const create = nodeOf(step, "CreateStmt");
    const into = nodeOf(step, "CreateTableAsStmt")?.into?.rel;
    const relation = create?.relation ?? into;
    if (relation?.relpersistence !== "u") return [];
    const name = relationName(relation);
    return [
      {
        object: name,
        message: `${sqlName(name)} is UNLOGGED: a crash empties it, and replicas cannot read it`,
        hint: "leave UNLOGGED out, unless its rows can be had again at any time",
      },
    ];
  },
};
