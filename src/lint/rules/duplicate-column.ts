import { ident } from "../../db/identifier.ts";
import { allOf, relationName } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

export const duplicateColumn: LintRule = {
  name: "duplicate-column",
  severity: "error",
  summary: "a column is named twice",
  why: "PostgreSQL refuses it, but only when the statement runs.",
  safe: "UPDATE orders SET region = 'eu', note = NULL WHERE id = 1;",
  squawk: ["ban-duplicate-column-assignments"],
  kinds: ["CreateStmt", "InsertStmt", "UpdateStmt"],
  judge: (step) => {
    const write = nodeOf(step, "UpdateStmt") ?? nodeOf(step, "InsertStmt");
    const create = nodeOf(step, "CreateStmt");
    const names = write
      ? // `SET a[1] = …, a[2] = …` is two places of one column.
        allOf(
          "targetList" in write ? write.targetList : "cols" in write ? write.cols : [],
          "ResTarget",
        )
          .filter(({ indirection }) => !indirection?.length)
          .flatMap(({ name }) => name ?? [])
      : allOf(create?.tableElts, "ColumnDef").flatMap(({ colname }) => colname ?? []);
    const twice = new Set(names.filter((name, at) => names.indexOf(name) !== at));
    const table = relationName(write?.relation ?? create?.relation);
    return [...twice].map((name) => ({
      object: `${table}.${name}`,
      message: `column ${ident(name)} of ${sqlName(table)} is named twice: PostgreSQL refuses the statement`,
      hint: "leave one of them out",
    }));
  },
};
