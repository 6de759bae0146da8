import { addedConstraint, alterCommands, describeBlock, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const addExclusion: LintRule = {
  name: "add-exclusion",
  severity: "error",
  summary: "ADD EXCLUDE builds its index under the strongest lock, and there is no other way",
  why: "An exclusion constraint can be neither NOT VALID nor made of an index that is there.",
  safe: "-- in a maintenance window; or on a new table, into which rows are copied in batches\nCREATE TABLE bookings_new (LIKE bookings INCLUDING ALL, EXCLUDE USING gist (room WITH =, during WITH &&));",
  kinds: ["AT_AddConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const [effect] = command.effects;
      if (!addedConstraint(command, "CONSTR_EXCLUSION") || effect?.work !== "index") return [];
      const { table } = command;
      return [
        {
          table,
          isBySize: true,
          message: `the index of an exclusion constraint is built: ${describeBlock(effect)}`,
          hint: `PostgreSQL has no other way: do it while ${sqlName(table)} is small or nobody works, or on a new table into which rows are copied`,
        },
      ];
    }),
};
