import { ident } from "../../db/identifier.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { constraintOf, typeOf } from "../../locks/column.ts";
import { sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";

const widths: Readonly<Record<string, number>> = {
  int2: 2,
  smallserial: 2,
  int4: 4,
  serial: 4,
  int8: 8,
  bigserial: 8,
};

export const foreignKeyType: LintRule = {
  name: "foreign-key-type",
  severity: "warning",
  summary: "a foreign key that is narrower than the key it refers to",
  why: "The keys of the other table outgrow the column, and from then on its rows cannot be referred to.",
  safe: "CREATE TABLE orders (customer_id bigint REFERENCES customers);",
  kinds: ["AT_AddColumn", "CreateStmt"],
  judge: (step) => {
    // The word stands in every one of them.
    if (!/references/i.test(step.statement.text)) return [];
    const create = nodeOf(step, "CreateStmt");
    const alter = nodeOf(step, "AlterTableStmt");
    const table = relationName(create?.relation ?? alter?.relation);
    const columns = [
      ...allOf(create?.tableElts, "ColumnDef"),
      ...allOf(alter?.cmds, "AlterTableCmd").flatMap(({ def }) => as(def, "ColumnDef") ?? []),
    ];
    return columns.flatMap((column) => {
      const key = constraintOf(column, "CONSTR_FOREIGN");
      const parent = key && step.model.table(relationName(key.pktable));
      if (!key || !parent) return [];
      const primary = [...parent.constraints.values()].find(({ kind }) => kind === "primary");
      const target = stringsOf(key.pk_attrs)[0] ?? primary?.columns[0] ?? "";
      const theirs = widths[parent.columns.get(target)?.type ?? ""];
      const ours = widths[typeOf(column.typeName).type];
      if (theirs === undefined || ours === undefined || ours >= theirs) return [];
      return [
        {
          object: `${table}.${column.colname}`,
          message: `${sqlName(table)}.${ident(column.colname ?? "")} has ${ours} bytes and refers to ${sqlName(parent.name)}.${ident(target)}, which has ${theirs}`,
          hint: `\`${ident(column.colname ?? "")} ${theirs === 8 ? "bigint" : "int"}\``,
        },
      ];
    });
  },
};
