/** Statements of a rollback that decide what a later one of the same run finds to lose. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, findNodes, stringsOf } from "../db/tree.ts";
import { isSerial, typeOf } from "../locks/column.ts";
import { findTargets } from "./untold.ts";

/**
 * What it may remove: whole tables, rows or values that depend on the values there are, or nothing.
 */
export function reachOf({ node }: Statement): "tables" | "values" | undefined {
  if (as(node, "TruncateStmt") || as(node, "DropOwnedStmt")) return "tables";
  const drop = as(node, "DropStmt");
  if (!drop) return findTargets(node).length > 0 ? "values" : undefined;
  if (drop.removeType === "OBJECT_TABLE") return "tables";
  if (drop.behavior !== "DROP_CASCADE") return undefined;
  // With a type go columns, and what these hold.
  return drop.removeType === "OBJECT_SCHEMA" ? "tables" : "values";
}

/** True when values may be others behind it, of rows that were there before. */
export function changesValues({ node }: Statement): boolean {
  if (as(node, "CreateFunctionStmt") || as(node, "RuleStmt")) return false;
  return (
    findNodes(node, "UpdateStmt").length > 0 ||
    allOf(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").some(
      ({ subtype, def }) => subtype === "AT_AlterColumnType" || isFilledColumn(subtype, def),
    )
  );
}

/** A new column that has values at once. */
function isFilledColumn(
  subtype: Tree.AlterTableCmd["subtype"],
  def: Tree.AlterTableCmd["def"],
): boolean {
  const column = subtype === "AT_AddColumn" ? as(def, "ColumnDef") : undefined;
  return (
    allOf(column?.constraints, "Constraint").some(
      ({ contype }) => contype === "CONSTR_DEFAULT" || contype === "CONSTR_IDENTITY",
    ) || isSerial(typeOf(column?.typeName).type)
  );
}

/**
 * True when behind it a table may have more rows, or a name may mean a table, which nobody could
 * count before. Renames of tables and their columns are none of these: they are followed. Nor is a
 * new table: it is empty until another statement fills it.
 */
export function bringsRows({ node }: Statement): boolean {
  // These only store what they contain.
  if (as(node, "CreateFunctionStmt") || as(node, "RuleStmt")) return false;
  const copy = as(node, "CopyStmt");
  return (
    writing.some((kind) => findNodes(node, kind).length > 0) ||
    (copy !== undefined && copy.is_from === true) ||
    as(node, "DoStmt") !== undefined ||
    as(node, "CallStmt") !== undefined ||
    as(node, "ViewStmt") !== undefined ||
    makesOfQuery(node) ||
    callsFunction(node) ||
    isUnfollowed(node) ||
    allOf(as(node, "AlterTableStmt")?.cmds, "AlterTableCmd").some(fills)
  );
}

const writing = ["InsertStmt", "MergeStmt"] as const;

function makesOfQuery(node: Statement["node"]): boolean {
  const made = as(node, "CreateTableAsStmt");
  const select = as(node, "SelectStmt");
  return (made !== undefined && made.objtype === "OBJECT_TABLE") || Boolean(select?.intoClause);
}

/** A SELECT on its own is there for the functions that it calls. */
function callsFunction(node: Statement["node"]): boolean {
  return findNodes(as(node, "SelectStmt"), "FuncCall").some(
    ({ funcname }) => !["set_config", "setval"].includes(stringsOf(funcname).at(-1) ?? ""),
  );
}

/** A new name of something in which tables are looked for, or through which they are. */
function isUnfollowed(node: Statement["node"]): boolean {
  const rename = as(node, "RenameStmt");
  const move = as(node, "AlterObjectSchemaStmt");
  const isOfTable = rename?.relationType === "OBJECT_TABLE";
  return (
    unfollowed.includes(rename?.renameType) ||
    (rename?.renameType === "OBJECT_COLUMN" && !isOfTable) ||
    unfollowed.includes(move?.objectType)
  );
}

const unfollowed: readonly (Tree.ObjectType | undefined)[] = [
  "OBJECT_SCHEMA",
  "OBJECT_VIEW",
  "OBJECT_FOREIGN_TABLE",
  "OBJECT_TYPE",
  "OBJECT_DOMAIN",
  "OBJECT_COLLATION",
  "OBJECT_EXTENSION",
];

function fills({ subtype, def }: Tree.AlterTableCmd): boolean {
  switch (subtype) {
    case "AT_AttachPartition":
    case "AT_AddInherit":
      return true;
    case "AT_AddConstraint": {
      const key = as(def, "Constraint");
      // `a` and `r` are NO ACTION and RESTRICT.
      const acts = (action: string | undefined) => !["a", "r", ""].includes(action ?? "");
      return (
        key?.contype === "CONSTR_FOREIGN" && (acts(key.fk_del_action) || acts(key.fk_upd_action))
      );
    }
    default:
      return false;
  }
}
