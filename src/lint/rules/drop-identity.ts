import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName } from "../../db/tree.ts";
import { keyOf } from "../../locks/model.ts";
import type { LintRule } from "../rule.ts";
import { alterCommands, sqlName } from "../say.ts";

export const dropIdentity: LintRule = {
  name: "drop-identity",
  severity: "warning",
  summary: "a column is no identity any more, and nothing else numbers its rows",
  why: "The column stays NOT NULL, and its sequence is dropped with the number that it had come to: INSERT without a value for it fails from then on (23502), which is how programs write where an identity is.",
  safe: "CREATE SEQUENCE orders_number;\nSELECT setval('orders_number', max(id)) FROM orders;  -- goes on behind the last number there is\nALTER TABLE orders ALTER COLUMN id DROP IDENTITY, ALTER COLUMN id SET DEFAULT nextval('orders_number');",
  kinds: ["AT_DropIdentity"],
  judge: (step) =>
    alterCommands(step).flatMap(({ command, table }) => {
      if (command.subtype !== "AT_DropIdentity") return [];
      const name = command.name ?? "";
      if (step.file.has(numbered, topic(table, name))) return [];
      const column = `${sqlName(table)}.${ident(name)}`;
      return [
        {
          table,
          object: `${table}.${name}`,
          message: `${column} is no identity any more and stays NOT NULL: INSERT without a value for it fails from now on`,
          hint: "give it a default in the same file, from a sequence that goes on behind its last number (`pgwright lint --explain drop-identity`)",
        },
      ];
    }),
};

const topic = (table: string, column: string) => `${keyOf(table)} ${column}`;

/** Columns that a statement gives a default, or makes an identity; and those that it drops. */
function numbered({ node }: Statement): string[] {
  const alter = as(node, "AlterTableStmt");
  const table = relationName(alter?.relation);
  return allOf(alter?.cmds, "AlterTableCmd").flatMap(({ subtype, name = "", def }) =>
    (subtype === "AT_ColumnDefault" && def !== undefined) ||
    subtype === "AT_AddIdentity" ||
    subtype === "AT_DropColumn"
      ? [topic(table, name)]
      : [],
  );
}
