import { ident } from "../../db/identifier.ts";
import { isSerial } from "../../locks/column.ts";
import { newColumns, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const columnSerial: LintRule = {
  name: "column-serial",
  severity: "info",
  summary: "a serial column, where identity would do",
  why: "The sequence of a serial has rights of its own that a GRANT on the table does not give, and whoever writes a number by hand makes the next INSERT fail. GENERATED ALWAYS AS IDENTITY needs no grant and refuses it.",
  safe: "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);",
  squawk: ["prefer-identity"],
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) =>
    newColumns(step)
      .filter(({ type, isAdded }) => isSerial(type) && !isAdded)
      .map(({ table, column }) => ({
        object: `${table}.${column.colname}`,
        message: `${sqlName(table)}.${ident(column.colname ?? "")} is serial: its sequence needs a GRANT of its own`,
        hint: `\`${ident(column.colname ?? "")} bigint GENERATED ALWAYS AS IDENTITY\``,
      })),
};
