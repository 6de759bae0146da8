import { ident } from "../../db/identifier.ts";
import { newColumns, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const columnJson: LintRule = {
  name: "column-json",
  severity: "warning",
  summary: "a column of type json",
  why: "json has no equality: SELECT DISTINCT, UNION and GROUP BY over the row fail, also in queries that were there before. It is parsed anew at each access and has no index.",
  safe: "CREATE TABLE orders (details jsonb NOT NULL DEFAULT '{}');",
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) =>
    newColumns(step)
      .filter(({ type }) => type === "json")
      .map(({ table, column, isAdded }) => ({
        object: `${table}.${column.colname}`,
        message: `${sqlName(table)}.${ident(column.colname ?? "")} is json, which has no equality${isAdded ? `: SELECT DISTINCT * FROM ${sqlName(table)} fails from now on` : ": SELECT DISTINCT and UNION fail on it"}`,
        hint: `\`${ident(column.colname ?? "")} jsonb\``,
      })),
};
