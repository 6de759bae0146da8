import { safeLater } from "../safe-form.ts";
import { addedConstraint, alterCommands, describeBlock, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const addCheck: LintRule = {
  name: "add-check",
  severity: "error",
  summary: "ADD CHECK reads the whole table under the strongest lock",
  why: "With NOT VALID nothing is read and new rows are checked from then on; VALIDATE CONSTRAINT reads the old ones under SHARE UPDATE EXCLUSIVE, beside reads and writes, if it is in another transaction.",
  safe: "ALTER TABLE orders ADD CONSTRAINT price_positive CHECK (price > 0) NOT VALID;\n-- in another transaction\nALTER TABLE orders VALIDATE CONSTRAINT price_positive;",
  squawk: ["constraint-missing-not-valid"],
  kinds: ["AT_AddConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const constraint = addedConstraint(command, "CONSTR_CHECK");
      const [effect] = command.effects;
      if (!constraint || !effect || effect.work === "none") return [];
      const { table } = command;
      return [
        {
          table,
          isBySize: true,
          message: `a CHECK on ${sqlName(table)} is checked for every row: ${describeBlock(effect)}`,
          hint: safeLater(step, command, constraint),
        },
      ];
    }),
};
