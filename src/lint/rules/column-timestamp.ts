import { ident } from "../../db/identifier.ts";
import { newColumns, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const columnTimestamp: LintRule = {
  name: "column-timestamp",
  severity: "warning",
  summary: "a column of type timestamp without time zone",
  why: "It says what a clock showed, and not when: two sessions with different TimeZone read two moments in it, and an hour a year happens twice. timestamptz takes the same 8 bytes.",
  safe: "CREATE TABLE orders (placed_at timestamptz NOT NULL DEFAULT now());",
  squawk: ["prefer-timestamp-tz"],
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) =>
    newColumns(step).flatMap(({ table, column, type }) => {
      if (type !== "timestamp" && type !== "timetz") return [];
      return [
        {
          object: `${table}.${column.colname}`,
          message:
            type === "timetz"
              ? `${sqlName(table)}.${ident(column.colname ?? "")} is timetz, an offset without a date: no moment, and no time of day either`
              : `${sqlName(table)}.${ident(column.colname ?? "")} is timestamp without time zone: which moment it means depends on who reads it`,
          hint: `\`${ident(column.colname ?? "")} timestamptz\``,
        },
      ];
    }),
};
