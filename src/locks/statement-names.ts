/** The names in a statement: of what it makes, of what it drops, and of the relations it is about. */
import type { Node, Tree } from "../db/script.ts";
import { allOf, as, findNodes, relationName, stringsOf } from "../db/tree.ts";
import { temporarySchema as temporary } from "./model.ts";

/** True for the name in a CREATE that says TEMPORARY, or puts it where such are. */
export function isMadeTemporary(relation: Tree.RangeVar | undefined): boolean {
  return relation?.relpersistence === "t" || relation?.schemaname === temporary;
}

/** The name of what a CREATE makes, as the model has it. */
export function nameOfMade(relation: Tree.RangeVar | undefined): string {
  return isMadeTemporary(relation)
    ? `${temporary}.${relation?.relname ?? ""}`
    : relationName(relation);
}

export function writesIn(node: Node): readonly { readonly relation?: Tree.RangeVar }[] {
  if (findNodes(node, "CommonTableExpr").length === 0) return [];
  return [
    ...findNodes(node, "InsertStmt"),
    ...findNodes(node, "UpdateStmt"),
    ...findNodes(node, "DeleteStmt"),
    ...findNodes(node, "MergeStmt"),
  ];
}

/** DISCARD TEMP, and DISCARD ALL, which does the same and more. */
export function discardsTemporary(node: Node): boolean {
  const target = as(node, "DiscardStmt")?.target;
  return target === "DISCARD_TEMP" || target === "DISCARD_ALL";
}

export function isDroppedOnCommit(node: Node): boolean {
  const when = as(node, "CreateStmt")?.oncommit ?? as(node, "CreateTableAsStmt")?.into?.onCommit;
  return when === "ONCOMMIT_DROP";
}

/** The relation that the statement creates. */
export function relationMadeBy(node: Node): Tree.RangeVar | undefined {
  return (
    as(node, "CreateStmt")?.relation ??
    as(node, "CreateForeignTableStmt")?.base?.relation ??
    as(node, "CreateTableAsStmt")?.into?.rel ??
    as(node, "SelectStmt")?.intoClause?.rel ??
    as(node, "ViewStmt")?.view ??
    as(node, "CreateSeqStmt")?.sequence
  );
}

/** Functions and domains that it creates, where no schema is written. */
export function functionsMadeBy(node: Node): string[] {
  const parts = stringsOf(
    as(node, "CreateFunctionStmt")?.funcname ?? as(node, "CreateDomainStmt")?.domainname,
  );
  return parts.length === 1 ? parts : [];
}

/** How many parts the name of an object without a schema has. */
export const partsOfDropped: Partial<Record<NonNullable<Tree.DropStmt["removeType"]>, number>> = {
  OBJECT_TABLE: 1,
  OBJECT_VIEW: 1,
  OBJECT_MATVIEW: 1,
  OBJECT_FOREIGN_TABLE: 1,
  OBJECT_SEQUENCE: 1,
  OBJECT_INDEX: 1,
  // These stand behind their table.
  OBJECT_TRIGGER: 2,
  OBJECT_RULE: 2,
  OBJECT_POLICY: 2,
};

/** Names of relations that are written without a schema. */
export function namesIn(node: Node): string[] {
  const names = new Set<string>();
  eachRelation(node, ({ schemaname = "", relname = "" }) => {
    if (schemaname === "") names.add(relname);
  });
  const drop = as(node, "DropStmt");
  const parts = partsOfDropped[drop?.removeType ?? "OBJECT_CAST"];
  for (const { items } of allOf(drop?.objects, "List")) {
    const [first = "", ...others] = stringsOf(items);
    if (others.length + 1 === parts) names.add(first);
  }
  return [...names];
}

/** Names behind FOR UPDATE OF are those of FROM, aliases too. */
export const isRelation = (value: object): value is Tree.RangeVar =>
  "relname" in value && "relpersistence" in value;

/** Not by recursion, as `valuesOf`. */
function eachRelation(root: unknown, visit: (relation: Tree.RangeVar) => void): void {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null) continue;
    if (isRelation(value)) visit(value);
    for (const key of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[key];
      if (typeof member === "object" && key !== "lockedRels") left.push(member);
    }
  }
}
