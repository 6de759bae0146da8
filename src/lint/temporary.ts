/** Tables, views and sequences of the session, which no other one can reach whatever it is granted. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import type { Step } from "./rule.ts";

/** True for what this name is of the session: made before in the file, and found ahead of all schemas. */
export function isTemporary({ file, statement }: Step, relation: Tree.RangeVar): boolean {
  const { schemaname, relname = "" } = relation;
  if (schemaname === "pg_temp") return true;
  if (schemaname !== undefined && schemaname !== "") return false;
  let isThere = false;
  for (const { node } of file.slice(0, file.indexOf(statement))) {
    const made = makes(node);
    if (made?.relname === relname) {
      isThere ||= isMadeTemporary(made);
    }
    if (drops(node).some((name) => name === relname || name === `pg_temp.${relname}`)) {
      isThere = false;
    }
  }
  return isThere;
}

/** True for the name in a CREATE that says TEMPORARY, or puts it where such are. */
export function isMadeTemporary(relation: Tree.RangeVar | undefined): boolean {
  return relation?.relpersistence === "t" || relation?.schemaname === "pg_temp";
}

/** The relation that the statement creates. */
function makes(node: Statement["node"]): Tree.RangeVar | undefined {
  return (
    as(node, "CreateStmt")?.relation ??
    as(node, "CreateTableAsStmt")?.into?.rel ??
    as(node, "SelectStmt")?.intoClause?.rel ??
    as(node, "ViewStmt")?.view ??
    as(node, "CreateSeqStmt")?.sequence
  );
}

/** What is no longer there under its name. */
function drops(node: Statement["node"]): string[] {
  const rename = as(node, "RenameStmt");
  if (rename?.renameType === "OBJECT_TABLE") return [relationName(rename.relation)];
  return allOf(as(node, "DropStmt")?.objects, "List").map(({ items }) =>
    stringsOf(items).join("."),
  );
}
