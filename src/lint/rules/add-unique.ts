import { ident } from "../../db/identifier.ts";
import { stringsOf } from "../../db/tree.ts";
import { addedConstraint, alterCommands, bareName, describeBlock, sqlName } from "../say.ts";
import { composeName } from "../../migrate/online/names.ts";
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
      if (!constraint || constraint.indexname || !effect) return [];
      const { table } = command;
      const isPartitioned = step.model.table(table)?.kind === "partitioned";
      const keys = stringsOf(constraint.keys);
      const name = ident(constraint.conname ?? composeName(bareName(table), keys.join("_"), "key"));
      return [
        {
          table,
          isBySize: true,
          message: `the index of a new UNIQUE is built: ${describeBlock(effect)}`,
          hint: isPartitioned
            ? `PostgreSQL has no USING INDEX for a partitioned table: give each partition the constraint that way first, then add it to ${sqlName(table)}, which takes them over`
            : `\`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${keys.map(ident).join(", ")});\`, then \`${command.head} ADD CONSTRAINT ${name} UNIQUE USING INDEX ${name};\``,
        },
      ];
    }),
};
