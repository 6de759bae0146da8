/** Keeps a model up to date while statements go by. What is not understood leaves it as it is. */
import type { Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import { typeOf } from "./column.ts";
import { learnAlter } from "./learn-alter.ts";
import { addColumn, addConstraint, schemaOf } from "./learn-column.ts";
import type { Model, Table, Volatility } from "./model.ts";
import { keyOf } from "./model.ts";

/** Notes what the statement does to tables, indexes, functions and domains. */
export function learn(model: Model, { node }: Statement): void {
  const create = as(node, "CreateStmt") ?? as(node, "CreateForeignTableStmt")?.base;
  if (create) createTable(model, create, as(node, "CreateForeignTableStmt") !== undefined);
  const query = as(node, "CreateTableAsStmt");
  if (query) {
    const isView = query.objtype === "OBJECT_MATVIEW";
    add(model, relationName(query.into?.rel), isView ? "matview" : "table", false);
  }
  const view = as(node, "ViewStmt");
  if (view) add(model, relationName(view.view), "view", false);
  const index = as(node, "IndexStmt");
  if (index) createIndex(model, index);
  const alter = as(node, "AlterTableStmt");
  if (alter) learnAlter(model, alter);
  const drop = as(node, "DropStmt");
  if (drop) dropObjects(model, drop);
  const rename = as(node, "RenameStmt");
  if (rename) learnRename(model, rename);
  const move = as(node, "AlterObjectSchemaStmt");
  if (move?.objectType === "OBJECT_TABLE") {
    const name = relationName(move.relation).split(".").at(-1) ?? "";
    renameTable(model, relationName(move.relation), `${move.newschema}.${name}`);
  }
  const routine = as(node, "CreateFunctionStmt");
  if (routine) {
    const option = allOf(routine.options, "DefElem").findLast(
      ({ defname }) => defname === "volatility",
    );
    const said = as(option?.arg, "String")?.sval as Volatility | undefined;
    model.functions.set(keyOf(stringsOf(routine.funcname).join(".")), said ?? "volatile");
  }
  const domain = as(node, "CreateDomainStmt");
  if (domain) {
    const hasConstraint = allOf(domain.constraints, "Constraint").some(({ contype }) =>
      ["CONSTR_CHECK", "CONSTR_NOTNULL"].includes(contype ?? ""),
    );
    const base = typeOf(domain.typeName).type;
    model.domains.set(keyOf(stringsOf(domain.domainname).join(".")), { hasConstraint, base });
  }
  const alterDomain = as(node, "AlterDomainStmt");
  if (alterDomain && ["C", "O"].includes(alterDomain.subtype ?? "")) {
    const known = model.find(model.domains, stringsOf(alterDomain.typeName).join("."));
    if (known) known.hasConstraint = true;
  }
}

function add(model: Model, name: string, kind: Table["kind"], isComplete: boolean): Table {
  const table: Table = {
    name: keyOf(name),
    kind,
    columns: new Map(),
    constraints: new Map(),
    isComplete,
    isNew: true,
  };
  model.tables.set(table.name, table);
  model.markNew(table);
  return table;
}

function createTable(model: Model, create: Tree.CreateStmt, isForeign: boolean): void {
  const name = relationName(create.relation);
  if (create.if_not_exists && model.table(name)) return;
  const isOpen =
    (create.inhRelations?.length ?? 0) > 0 ||
    create.ofTypename !== undefined ||
    allOf(create.tableElts, "TableLikeClause").length > 0;
  const table = add(
    model,
    name,
    isForeign ? "foreign" : create.partspec ? "partitioned" : "table",
    !isOpen,
  );
  if (create.partbound?.is_default) {
    const parent = model.table(relationName(allOf(create.inhRelations, "RangeVar")[0]));
    if (parent) parent.defaultPartition = table.name;
  }
  for (const column of allOf(create.tableElts, "ColumnDef")) addColumn(model, table, column);
  for (const constraint of allOf(create.tableElts, "Constraint")) {
    addConstraint(model, table, constraint);
  }
}

function createIndex(model: Model, index: Tree.IndexStmt): void {
  const table = model.table(relationName(index.relation));
  const columns = allOf(index.indexParams, "IndexElem").map(({ name }) => name ?? "");
  const on = table?.name ?? keyOf(relationName(index.relation));
  const bare = on.split(".").at(-1) ?? on;
  const name = schemaOf(on) + (index.idxname ?? `${bare}_${columns.join("_")}_idx`);
  model.indexes.set(name, {
    name,
    table: on,
    // An index of only some rows finds no row by itself, and makes no key.
    columns: index.whereClause ? [] : columns,
    isUnique: index.unique === true && !index.whereClause,
  });
}

function dropObjects(model: Model, drop: Tree.DropStmt): void {
  for (const object of drop.objects ?? []) {
    const args = as(object, "ObjectWithArgs");
    const parts = stringsOf(
      as(object, "List")?.items ?? as(object, "TypeName")?.names ?? args?.objname,
    );
    const name = keyOf(parts.join("."));
    switch (drop.removeType) {
      case "OBJECT_TABLE":
      case "OBJECT_VIEW":
      case "OBJECT_MATVIEW":
      case "OBJECT_FOREIGN_TABLE": {
        const table = model.table(name);
        if (!table) break;
        for (const index of model.indexesOf(table)) model.indexes.delete(index.name);
        model.tables.delete(table.name);
        break;
      }
      case "OBJECT_INDEX":
        model.indexes.delete(model.index(name)?.name ?? name);
        break;
      case "OBJECT_FUNCTION":
      case "OBJECT_ROUTINE":
        model.functions.delete(name);
        break;
      case "OBJECT_DOMAIN":
      case "OBJECT_TYPE":
        model.domains.delete(name);
        break;
      default:
        break;
    }
  }
}

function learnRename(model: Model, rename: Tree.RenameStmt): void {
  const name = relationName(rename.relation);
  const table = model.table(name);
  const { newname = "", subname = "" } = rename;
  switch (rename.renameType) {
    case "OBJECT_TABLE":
      renameTable(model, name, schemaOf(table?.name ?? name) + newname);
      break;
    case "OBJECT_COLUMN": {
      const column = table?.columns.get(subname);
      if (!table || !column) break;
      table.columns.delete(subname);
      table.columns.set(newname, column);
      break;
    }
    case "OBJECT_TABCONSTRAINT": {
      const constraint = table?.constraints.get(subname);
      if (!table || !constraint) break;
      table.constraints.delete(subname);
      table.constraints.set(newname, constraint);
      break;
    }
    case "OBJECT_INDEX": {
      const index = model.index(name);
      if (!index) break;
      model.indexes.delete(index.name);
      const to = schemaOf(index.name) + newname;
      model.indexes.set(to, { ...index, name: to });
      break;
    }
    default:
      break;
  }
}

function renameTable(model: Model, from: string, to: string): void {
  const table = model.table(from);
  if (!table) return;
  model.tables.delete(table.name);
  const name = keyOf(to);
  const renamed: Table = { ...table, name };
  model.tables.set(name, renamed);
  if (table.isNew) model.markNew(renamed);
  for (const index of model.indexesOf(table))
    model.indexes.set(index.name, { ...index, table: name });
}
