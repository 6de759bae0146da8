import { ident } from "../../db/identifier.ts";
import { stringsOf } from "../../db/tree.ts";
import {
  addedConstraint,
  alterCommands,
  bareName,
  describeBlock,
  sqlName,
  unsureWords,
} from "../say.ts";
import { composeName } from "../../migrate/online/names.ts";
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
      const { table, head } = command;
      const isPartitioned = step.model.table(table)?.kind === "partitioned";
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
      const keys = stringsOf(constraint.keys).map(ident).join(", ");
      const name = ident(constraint.conname ?? composeName(bareName(table), undefined, "pkey"));
      return [
        {
          table,
          isBySize: true,
          message: `the index of a new primary key is built: ${describeBlock(effect)}`,
          hint: isPartitioned
            ? `PostgreSQL has no USING INDEX for a partitioned table: give each partition its primary key that way first, then add it to ${sqlName(table)}, which takes them over`
            : `\`CREATE UNIQUE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${keys});\`, then \`${head} ADD CONSTRAINT ${name} PRIMARY KEY USING INDEX ${name};\``,
        },
      ];
    }),
};
