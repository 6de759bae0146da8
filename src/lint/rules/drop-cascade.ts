import { alterCommands, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule } from "../rule.ts";
import { inShort, withoutWords } from "../../db/sql-text.ts";

export const dropCascade: LintRule = {
  name: "drop-cascade",
  severity: "warning",
  summary: "CASCADE drops what the file does not name",
  why: "Views, foreign keys and functions that depend on it go without a word, in production perhaps others than in the copy where it was tried; tables that lose a foreign key are locked in ACCESS EXCLUSIVE. pgwright never writes it.",
  safe: "DROP VIEW open_orders;\nDROP TABLE orders;",
  kinds: ["AlterTableStmt", "DropStmt", "DropOwnedStmt"],
  judge: (step) => {
    if (!/cascade/i.test(step.statement.text)) return [];
    const owned = nodeOf(step, "DropOwnedStmt");
    const drop = nodeOf(step, "DropStmt") ?? owned;
    const without = () => inShort(withoutWords(step.statement.text, "cascade").trim(), 120);
    if (drop?.behavior === "DROP_CASCADE") {
      return [
        {
          message: `\`${inShort(step.statement.text)}\` also drops what depends on it, whatever that is`,
          hint: owned
            ? "leave CASCADE out: what depends on it then stops the file, and can be dropped by name"
            : `drop what depends on it by name, then \`${without()};\``,
        },
      ];
    }
    return alterCommands(step)
      .filter(
        ({ command }) =>
          command.behavior === "DROP_CASCADE" && command.subtype?.startsWith("AT_Drop"),
      )
      .map(({ table, text }) => ({
        table,
        message: `\`${inShort(text)}\` of ${sqlName(table)} also drops what depends on it, whatever that is`,
        hint: `drop what depends on it by name, then \`${without()};\``,
      }));
  },
};
