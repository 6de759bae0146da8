/** A statement with the schemas of its names written out. */
import type { Node, Statement, Tree } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";
import type { Schemas } from "./scope.ts";
import { isRelation, partsOfDropped } from "./statement-names.ts";

/** The statement with each of these names behind its schema; its text stays as written. */
export function qualify<T extends Statement>(statement: T, schemas: Schemas | undefined): T {
  if (schemas === undefined || schemas.size === 0) return statement;
  return { ...statement, node: qualified(statement.node, schemas) };
}

/** A copy of a statement's tree with the schemas in it. */
function qualified(node: Node, schemas: Schemas): Node {
  const [copy, left] = [shellOf(node), [node] as object[]];
  const copies = new Map<object, Record<string, unknown>>([[node, copy]]);
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    const made = copies.get(value) ?? {};
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === "object" && member !== null && key !== "lockedRels") {
        const shell = shellOf(member);
        copies.set(member, shell);
        left.push(member);
        made[key] = shell;
      } else made[key] = member;
    }
    if (!isRelation(value) || (value.schemaname ?? "") !== "") continue;
    const schema = schemas.get(value.relname ?? "");
    if (schema !== undefined) made["schemaname"] = schema;
  }
  const tree = copy as Node;
  const drop = as(tree, "DropStmt");
  if (drop) return { DropStmt: qualifiedDrop(drop, schemas) };
  const created = as(tree, "CreateFunctionStmt");
  if (created) {
    return { CreateFunctionStmt: { ...created, funcname: ofMade(created.funcname, schemas) } };
  }
  const domain = as(tree, "CreateDomainStmt");
  if (domain) {
    return { CreateDomainStmt: { ...domain, domainname: ofMade(domain.domainname, schemas) } };
  }
  return tree;
}

const shellOf = (value: object) => (Array.isArray(value) ? [] : {}) as Record<string, unknown>;

const ofMade = (parts: readonly Node[] = [], schemas: Schemas) =>
  parts.length === 1 ? inSchema(parts, schemas) : [...parts];

const inSchema = (parts: readonly Node[] = [], schemas: Schemas): Node[] => {
  const schema = schemas.get(stringsOf(parts)[0] ?? "");
  return schema === undefined ? [...parts] : [{ String: { sval: schema } }, ...parts];
};

function qualifiedDrop(drop: Tree.DropStmt, schemas: Schemas): Tree.DropStmt {
  const parts = partsOfDropped[drop.removeType ?? "OBJECT_CAST"];
  const objects = drop.objects?.map((object): Node => {
    const items = as(object, "List")?.items;
    return items?.length === parts ? { List: { items: inSchema(items, schemas) } } : object;
  });
  return { ...drop, ...(objects ? { objects } : {}) };
}
