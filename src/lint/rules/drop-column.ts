import { ident } from "../../db/identifier.ts";
import { alterCommands, sqlName } from "../say.ts";
import type { LintRule } from "../rule.ts";

export const dropColumn: LintRule = {
  name: "drop-column",
  severity: "warning",
  summary: "a column is dropped",
  why: "Programs of the release before still read and write it, and its values are gone; ORMs name every column they know of. Stop using it in one release, drop it in the next.",
  safe: "-- the release before: nothing reads or writes orders.note any more\nALTER TABLE orders DROP COLUMN note;",
  squawk: ["ban-drop-column"],
  kinds: ["AT_DropColumn"],
  judge: (step) =>
    alterCommands(step)
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
        hint: "drop it in the release after the last that uses it, and say so: `-- lint:ignore drop-column: unused since release …`",
      })),
};
