/** A foreign key of a file, and what the statements behind it make of it. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import { schemaOf } from "../locks/learn-column.ts";
import { keyOf } from "../locks/model.ts";
import type { Watched } from "./file-statements.ts";

/** Names are keys as the model has them. */
export interface Reference {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
  /** The name of the constraint, which PostgreSQL chooses where none is written. */
  readonly constraint: string;
}

/** The relation that a statement makes, changes, renames, moves or drops, and indexes of which it makes. */
function changed(statement: Statement): string[] {
  const { node } = statement;
  const { relation } =
    as(node, "CreateStmt") ?? as(node, "AlterTableStmt") ?? as(node, "IndexStmt") ?? {};
  return relation ? [keyOf(relationName(relation))] : renamedOrDropped(statement);
}

/** Tables and indexes that are called otherwise behind it, or gone; `schema.` for all that are in one. */
export function renamedOrDropped({ node }: Statement): string[] {
  const drop = as(node, "DropStmt");
  if (drop) return namesOfDropped(drop);
  const { relation } = as(node, "RenameStmt") ?? as(node, "AlterObjectSchemaStmt") ?? {};
  return relation ? [keyOf(relationName(relation))] : [];
}

/** What all statements are about that `follow` and the indexes of the table go by. */
export function topicsOf({ table, parent }: Reference): Watched[] {
  return [
    [changed, table],
    [renamedOrDropped, parent],
    [renamedOrDropped, schemaNamed(table)],
    [renamedOrDropped, schemaNamed(parent)],
  ];
}

const schemaNamed = (name: string) => schemaOf(name) || "public.";

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
  const names = namesOfDropped(drop);
  const isNamed = (name: string) => names.includes(name) || names.includes(schemaNamed(name));
  return isNamed(table) || (drop.behavior === "DROP_CASCADE" && isNamed(parent));
}

function namesOfDropped({ removeType, objects }: Tree.DropStmt): string[] {
  switch (removeType) {
    case "OBJECT_SCHEMA":
      return stringsOf(objects).map((schema) => `${schema}.`);
    case "OBJECT_TABLE":
    case "OBJECT_INDEX":
      return allOf(objects, "List").map(({ items }) => keyOf(stringsOf(items).join(".")));
    default:
      return [];
  }
}
