/** A foreign key of a file, and what the statements behind it make of it. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import { schemaOf } from "../locks/learn-column.ts";
import { keyOf } from "../locks/model.ts";

/** Names are keys as the model has them. */
export interface Reference {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  /** The name of the constraint, which PostgreSQL chooses where none is written. */
  readonly constraint: string;
}

/** The key under the names that it has behind the statement; undefined where that takes it away. */
export function follow(reference: Reference, { node }: Statement): Reference | undefined {
  const { table, columns, parent, constraint } = reference;
  const drop = as(node, "DropStmt");
  if (drop) return isDropped(reference, drop) ? undefined : reference;
  const alter = as(node, "AlterTableStmt");
  if (alter && keyOf(relationName(alter.relation)) === table) {
    const isGone = allOf(alter.cmds, "AlterTableCmd").some(
      ({ subtype, name = "" }) =>
        (subtype === "AT_DropColumn" && columns.includes(name)) ||
        (subtype === "AT_DropConstraint" && name === constraint),
    );
    return isGone ? undefined : reference;
  }
  const move = as(node, "AlterObjectSchemaStmt");
  if (move?.objectType === "OBJECT_TABLE") {
    const moved = keyOf(relationName(move.relation));
    const to = (name: string) =>
      name === moved ? keyOf(`${move.newschema}.${name.split(".").at(-1)}`) : name;
    return { ...reference, table: to(table), parent: to(parent) };
  }
  const rename = as(node, "RenameStmt");
  const renamed = keyOf(relationName(rename?.relation));
  const { newname = "", subname } = rename ?? {};
  const to = (name: string) => (name === renamed ? schemaOf(name) + newname : name);
  switch (rename?.renameType) {
    case "OBJECT_TABLE":
      return { ...reference, table: to(table), parent: to(parent) };
    case "OBJECT_COLUMN":
      if (renamed !== table) return reference;
      return { ...reference, columns: columns.map((name) => (name === subname ? newname : name)) };
    case "OBJECT_TABCONSTRAINT":
      return renamed === table && subname === constraint
        ? { ...reference, constraint: newname }
        : reference;
    default:
      return reference;
  }
}

/** With its table or that table's schema; with what it refers to where CASCADE is said, or else the DROP fails. */
function isDropped({ table, parent }: Reference, drop: Tree.DropStmt): boolean {
  const names =
    drop.removeType === "OBJECT_SCHEMA"
      ? stringsOf(drop.objects).map((schema) => `${schema}.`)
      : drop.removeType === "OBJECT_TABLE"
        ? allOf(drop.objects, "List").map(({ items }) => keyOf(stringsOf(items).join(".")))
        : [];
  const isNamed = (name: string) =>
    names.includes(name) || names.includes(schemaOf(name) || "public.");
  return isNamed(table) || (drop.behavior === "DROP_CASCADE" && isNamed(parent));
}
