import { ident } from "../../db/identifier.ts";
import { newColumns, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const columnMoney: LintRule = {
  name: "column-money",
  severity: "warning",
  summary: "a column of type money",
  why: "It has no currency: the server's lc_monetary decides what is shown and how many digits there are, so the same rows mean other amounts on another server.",
  safe: "CREATE TABLE orders (amount numeric(12, 2), currency text);",
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) =>
    newColumns(step)
      .filter(({ type }) => type === "money")
      .map(({ table, column }) => ({
        object: `${table}.${column.colname}`,
        message: `${sqlName(table)}.${ident(column.colname ?? "")} is money: its currency is a setting of the server`,
        hint: `\`${ident(column.colname ?? "")} numeric(12, 2)\`, and the currency in a column of its own`,
      })),
};
