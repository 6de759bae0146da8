import { safeKey } from "../safe-form.ts";
import { addedConstraint, alterCommands, describeBlock, sqlName, unsureWords } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const addPrimaryKey: LintRule = {
  name: "add-primary-key",
  severity: "error",
  summary: "ADD PRIMARY KEY builds its index, or reads for nulls, under the strongest lock",
  why: "The index is built while ACCESS EXCLUSIVE is held; and where a column is not NOT NULL yet, every row is read for that, even with USING INDEX.",
  safe: "CREATE UNIQUE INDEX CONCURRENTLY orders_pkey ON orders (id);\n-- id is NOT NULL by now\nALTER TABLE orders ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX orders_pkey;",
  squawk: ["adding-serial-primary-key-field"],
  kinds: ["AT_AddConstraint"],
  judge: (step) =>
    alterCommands(step).flatMap((command) => {
      const constraint = addedConstraint(command, "CONSTR_PRIMARY");
      const [effect] = command.effects;
      if (!constraint || !effect || effect.work === "none") return [];
      const { table } = command;
      if (constraint.indexname) {
        return [
          {
            table,
            isBySize: true,
            severity: effect.unsure === undefined ? ("error" as const) : ("warning" as const),
            message: `a column of the new primary key of ${sqlName(table)} ${effect.unsure === undefined ? "is" : "may be"} nullable: ${describeBlock(effect)}${unsureWords(effect)}`,
            hint: "make its columns NOT NULL before, by way of a validated CHECK (`pgwright lint --explain set-not-null`)",
          },
        ];
      }
      return [
        {
          table,
          isBySize: true,
          message: `the index of a new primary key is built: ${describeBlock(effect)}`,
          hint: safeKey(step, command, constraint),
        },
      ];
    }),
};
