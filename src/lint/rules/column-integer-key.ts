import { ident } from "../../db/identifier.ts";
import { allOf, stringsOf } from "../../db/tree.ts";
import { constraintOf } from "../../locks/column.ts";
import { newColumns, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

const small = new Set(["int4", "int2", "serial", "serial4", "smallserial", "serial2"]);

export const columnIntegerKey: LintRule = {
  name: "column-integer-key",
  severity: "warning",
  summary: "a numbered primary key of type int",
  why: "A sequence through an int ends at 2,147,483,647, gaps counted, and then every INSERT fails. To change it later rewrites the table and all that refer to it.",
  safe: "CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);",
  squawk: ["prefer-bigint-over-int", "prefer-bigint-over-smallint"],
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) => {
    const columns = newColumns(step).filter(({ type }) => small.has(type));
    if (columns.length === 0) return [];
    const create = nodeOf(step, "CreateStmt");
    const keys = new Set(
      allOf(create?.tableElts, "Constraint")
        .filter(({ contype }) => contype === "CONSTR_PRIMARY")
        .flatMap(({ keys }) => stringsOf(keys)),
    );
    return columns.flatMap(({ table, column, type }) => {
      const name = column.colname ?? "";
      const isKey = keys.has(name) || constraintOf(column, "CONSTR_PRIMARY") !== undefined;
      const isNumbered =
        /serial/.test(type) || constraintOf(column, "CONSTR_IDENTITY") !== undefined;
      // A key that nobody counts up, as that of a list of countries, has an end by itself.
      if (!isKey || !isNumbered) return [];
      return [
        {
          object: `${table}.${name}`,
          message: `${sqlName(table)}.${ident(name)} counts up in ${/2|small/.test(type) ? "a smallint, to 32,767" : "an int, to 2,147,483,647"}: then every INSERT fails`,
          hint: `\`${ident(name)} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY\``,
        },
      ];
    });
  },
};
