import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName } from "../../db/tree.ts";
import { keyOf } from "../../locks/model.ts";
import { nodeOf } from "../rule.ts";
import type { Judgement, LintRule, Step } from "../rule.ts";
import { alterCommands, sqlName } from "../say.ts";

export const dropColumn: LintRule = {
  name: "drop-column",
  severity: "warning",
  summary: "a column, or an attribute of a type, is dropped",
  why: "Programs of the release before still read and write it, and its values are gone; ORMs name every column they know of. Stop using it in one release, drop it in the next.",
  safe: "-- the release before: nothing reads or writes orders.note any more\nALTER TABLE orders DROP COLUMN note;",
  squawk: ["ban-drop-column"],
  kinds: ["AT_DropColumn"],
  judge: (step) => [...judgeAttributes(step), ...judgeColumns(step)],
};

const whenUnused =
  "drop it in the release after the last that uses it, and say so: `-- lint:ignore drop-column: unused since release …`";

/** Of a composite type; PostgreSQL drops them from under the tables that have values of it. */
function judgeAttributes(step: Step): Judgement[] {
  const alter = nodeOf(step, "AlterTableStmt");
  if (alter?.objtype !== "OBJECT_TYPE") return [];
  const type = relationName(alter.relation);
  if (step.file.has(madeTypes, keyOf(type))) return [];
  return allOf(alter.cmds, "AlterTableCmd").flatMap(({ subtype, name = "" }) =>
    subtype === "AT_DropColumn"
      ? [
          {
            object: `${type}.${name}`,
            message: `attribute ${ident(name)} of type ${sqlName(type)} is dropped: programs of the release before may still use it, and its values are lost in every column of the type`,
            hint: whenUnused,
          },
        ]
      : [],
  );
}

function madeTypes({ node }: Statement): string[] {
  const made = as(node, "CompositeTypeStmt");
  return made ? [keyOf(relationName(made.typevar))] : [];
}

function judgeColumns(step: Step): Judgement[] {
  return alterCommands(step)
    .filter(({ command }) => command.subtype === "AT_DropColumn")
    .filter(({ command, table }) => {
      const known = step.model.table(table);
      const column = known?.columns.get(command.name ?? "");
      // One that the same release has added is nobody's yet.
      return column ? !column.isNew : !known?.isComplete;
    })
    .map(({ command, table }) => ({
      table,
      object: `${table}.${command.name}`,
      message: `column ${sqlName(table)}.${ident(command.name ?? "")} is dropped: programs of the release before may still use it, and its values are lost`,
      hint: whenUnused,
    }));
}
