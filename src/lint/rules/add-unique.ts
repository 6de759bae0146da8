import { safeKey } from "../safe-form.ts";
import { addedConstraint, alterCommands, describeBlock } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const addUnique: LintRule = {
  name: "add-unique",
  severity: "error",
  summary: "ADD UNIQUE builds its index under the strongest lock",
  why: "The index is built while ACCESS EXCLUSIVE is held. An index that was built CONCURRENTLY before becomes the constraint's at once. Duplicates then show before anything is locked.",
  safe: "CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON orders (number);\nALTER TABLE orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;",
  squawk: ["disallowed-unique-constraint"],
  kinds: ["AT_AddConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const constraint = addedConstraint(command, "CONSTR_UNIQUE");
      const [effect] = command.effects;
      if (!constraint || constraint.indexname || effect?.work !== "index") return [];
      const { table } = command;
      return [
        {
          table,
          isBySize: true,
          message: `the index of a new UNIQUE is built: ${describeBlock(effect)}`,
          hint: safeKey(step, command, constraint),
        },
      ];
    }),
};
