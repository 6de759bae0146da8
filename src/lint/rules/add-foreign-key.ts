import { ident } from "../../db/identifier.ts";
import { relationName, stringsOf } from "../../db/tree.ts";
import { nameOf } from "../../locks/column.ts";
import { addedConstraint, alterCommands, apart, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const addForeignKey: LintRule = {
  name: "add-foreign-key",
  severity: "error",
  summary: "ADD FOREIGN KEY blocks writes to both tables while it reads them",
  why: "SHARE ROW EXCLUSIVE is held on the referencing and on the referenced table while every row is looked up. With NOT VALID both locks are brief; VALIDATE CONSTRAINT then blocks no write, if it is in another transaction. PostgreSQL before 18 has no NOT VALID for a foreign key of a partitioned table.",
  safe: "ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT orders_customer_id_fkey;",
  squawk: ["adding-foreign-key-constraint", "constraint-missing-not-valid"],
  kinds: ["AT_AddConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const constraint = addedConstraint(command, "CONSTR_FOREIGN");
      const [effect] = command.effects;
      if (!constraint || !effect || effect.work === "none") return [];
      const { table, head, text } = command;
      const parent = relationName(constraint.pktable);
      const name = ident(nameOf(constraint, table, stringsOf(constraint.fk_attrs)));
      const hasNoOther = step.model.table(table)?.kind === "partitioned" && step.model.server < 18;
      return [
        {
          table,
          isBySize: true,
          message: `a foreign key is checked for every row: nobody can write ${sqlName(table)} or ${sqlName(parent)} meanwhile (SHARE ROW EXCLUSIVE)`,
          hint: hasNoOther
            ? `${sqlName(table)} is partitioned, where PostgreSQL ${step.model.server} has no NOT VALID: add it to each partition with NOT VALID, validate those, then add it to ${sqlName(table)}, which takes them over`
            : `\`${head} ${text} NOT VALID;\`, then \`${head} VALIDATE CONSTRAINT ${name};\`; ${apart}`,
        },
      ];
    }),
};
