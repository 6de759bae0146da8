import { ident } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { as, relationName } from "../../db/tree.ts";
import { constraintOf } from "../../locks/column.ts";
import type { LintRule, Step } from "../rule.ts";
import { safeColumn, safeLater } from "../safe-form.ts";
import { addedConstraint, alterCommands, apart, sqlName } from "../say.ts";
import type { AlterCommand } from "../say.ts";

export const addForeignKey: LintRule = {
  name: "add-foreign-key",
  severity: "error",
  summary:
    "ADD FOREIGN KEY, or a column with a default and REFERENCES, looks up every row under locks",
  why: "SHARE ROW EXCLUSIVE is held on the referencing and on the referenced table while every row is looked up; ADD COLUMN … DEFAULT … REFERENCES does so under ACCESS EXCLUSIVE, which stops readers too. With NOT VALID the locks are brief; VALIDATE CONSTRAINT then blocks no write, if it is in another transaction. A new column without a default is null everywhere, which PostgreSQL knows: it looks at no row. PostgreSQL before 18 has no NOT VALID for a foreign key of a partitioned table.",
  safe: "ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_fkey;",
  squawk: ["adding-foreign-key-constraint", "constraint-missing-not-valid"],
  kinds: ["AT_AddConstraint", "AT_AddColumn"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const effect = command.effects.find(({ fact }) => fact === "add-foreign-key");
      const key = addedConstraint(command, "CONSTR_FOREIGN") ?? keyOfColumn(command);
      if (!effect || !key) return [];
      const { table } = command;
      const both = `${sqlName(table)} or ${sqlName(relationName(key.pktable))}`;
      const { column } = effect;
      return [
        {
          table,
          isBySize: true,
          message:
            column === undefined
              ? `a foreign key is checked for every row: nobody can write ${both} meanwhile (SHARE ROW EXCLUSIVE)`
              : `the new column ${ident(column)} has a default, which is looked up for every row: nobody can write ${both}, nor read ${sqlName(table)}, meanwhile (ACCESS EXCLUSIVE on it)`,
          hint: column === undefined ? safeLater(step, command, key) : hintOfColumn(step, command),
        },
      ];
    }),
};

/** Of ADD COLUMN; undefined where PostgreSQL is told not to look. */
function keyOfColumn({ command }: AlterCommand): Tree.Constraint | undefined {
  const column = command.subtype === "AT_AddColumn" ? as(command.def, "ColumnDef") : undefined;
  const isStated = constraintOf(column, "CONSTR_ATTR_NOT_ENFORCED") !== undefined;
  return isStated ? undefined : constraintOf(column, "CONSTR_FOREIGN");
}

function hintOfColumn(step: Step, command: AlterCommand): string {
  const isPartitioned = step.model.table(command.table)?.kind === "partitioned";
  if (isPartitioned && step.model.server < 18) {
    return `add the column without REFERENCES, then the foreign key to each partition with NOT VALID, validate those, then add it to ${sqlName(command.table)}, which takes them over; ${apart}`;
  }
  return (
    safeColumn(step, command) ??
    `add the column without REFERENCES, then the foreign key with NOT VALID, then VALIDATE CONSTRAINT; ${apart}`
  );
}
