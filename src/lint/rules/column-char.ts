import { ident } from "../../db/identifier.ts";
import { newColumns, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const columnChar: LintRule = {
  name: "column-char",
  severity: "warning",
  summary: "a column of type char(n)",
  why: "Values are filled up with blanks, which take room and do not count in comparisons, but do in LIKE and in programs. It is no faster than text, and a longer limit later rewrites the table.",
  safe: "CREATE TABLE orders (currency text CHECK (length(currency) = 3));",
  squawk: ["ban-char-field"],
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) =>
    newColumns(step).flatMap(({ table, column, type }) => {
      if (type !== "bpchar") return [];
      const name = `${sqlName(table)}.${ident(column.colname ?? "")}`;
      return [
        {
          object: `${table}.${column.colname}`,
          message: `${name} is char(n): values are filled up with blanks`,
          hint: `\`${ident(column.colname ?? "")} text CHECK (length(${ident(column.colname ?? "")}) = …)\``,
        },
      ];
    }),
};
