/** Keeps a model up to date while statements go by. What is not understood leaves it as it is. */
import type { Statement, Tree } from "../db/script.ts";
import type { NodeKind, NodeOf } from "../db/tree.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import { typeOf } from "./column.ts";
import { partsOfIndex, withRenamed } from "./index-parts.ts";
import { learnAlter } from "./learn-alter.ts";
import { addColumn, addConstraint, schemaOf } from "./learn-column.ts";
import type { Model, Table, Volatility } from "./model.ts";
import { keyOf } from "./model.ts";
import { discardsTemporary, nameOfMade } from "./statement-names.ts";
import { searchPathIn, setsPath } from "./search-path.ts";

type Learner<K extends NodeKind> = (model: Model, node: NodeOf<K>) => unknown;

const learners: { readonly [K in NodeKind]?: Learner<K> } = {
  CreateStmt: (model, create) => createTable(model, create, false),
  CreateForeignTableStmt: (model, { base }) => base && createTable(model, base, true),
  CreateTableAsStmt: (model, { into, objtype }) =>
    add(model, nameOfMade(into?.rel), objtype === "OBJECT_MATVIEW" ? "matview" : "table", false),
  ViewStmt: (model, { view }) => add(model, nameOfMade(view), "view", false),
  SelectStmt: (model, { intoClause }) =>
    intoClause?.rel && add(model, nameOfMade(intoClause.rel), "table", false),
  IndexStmt: createIndex,
  AlterTableStmt: learnAlter,
  DropStmt: dropObjects,
  RenameStmt: learnRename,
  AlterObjectSchemaStmt(model, { objectType, relation, newschema }) {
    if (objectType !== "OBJECT_TABLE") return;
    const name = relationName(relation);
    renameTable(model, name, `${newschema}.${name.split(".").at(-1) ?? ""}`);
  },
  CreateFunctionStmt(model, { options, funcname }) {
    const option = allOf(options, "DefElem").findLast(({ defname }) => defname === "volatility");
    const said = as(option?.arg, "String")?.sval as Volatility | undefined;
    const name = keyOf(stringsOf(funcname).join("."));
    model.functions.set(name, said ?? "volatile");
    model.ownPaths.set(name, setsPath(options) === true);
  },
  AlterFunctionStmt(model, { func, actions }) {
    const sets = setsPath(actions);
    const name = stringsOf(func?.objname).join(".");
    if (sets !== undefined) model.ownPaths.set(keyOf(name), sets);
  },
  CreatePolicyStmt(model, { table, policy_name = "", permissive }) {
    const known = model.table(relationName(table));
    if (known) (known.policies ??= new Map()).set(policy_name, permissive === true);
  },
  CreateDomainStmt(model, { constraints, typeName, domainname }) {
    const hasConstraint = allOf(constraints, "Constraint").some(({ contype }) =>
      ["CONSTR_CHECK", "CONSTR_NOTNULL"].includes(contype ?? ""),
    );
    const base = typeOf(typeName).type;
    model.domains.set(keyOf(stringsOf(domainname).join(".")), { hasConstraint, base });
  },
  AlterDomainStmt(model, { subtype, typeName }) {
    if (!["C", "O"].includes(subtype ?? "")) return;
    const known = model.find(model.domains, stringsOf(typeName).join("."));
    if (known) known.hasConstraint = true;
  },
};

/** Notes what the statement does to tables, indexes, functions, domains and the search path. */
export function learn(model: Model, { kind, node }: Statement): void {
  const learner = learners[kind as NodeKind] as Learner<NodeKind> | undefined;
  learner?.(model, as(node, kind as NodeKind) as never);
  if (discardsTemporary(node)) model.dropTemporary();
  const path = searchPathIn(node);
  if (path !== undefined) model.searchPath = path === "reset" ? model.sessionPath : path;
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
  const isTemporary = table.name.startsWith("pg_temp.");
  const before = model.tables.get(table.name);
  // A temporary one went with its transaction, unseen.
  for (const index of before && isTemporary ? model.indexesOf(before) : []) {
    model.indexes.delete(index.name);
  }
  model.tables.set(table.name, table);
  // What is temporary stays the session's own, however old it is.
  if (!isTemporary) model.markNew(table);
  return table;
}

function createTable(model: Model, create: Tree.CreateStmt, isForeign: boolean): void {
  const name = nameOfMade(create.relation);
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
  const key = allOf(create.partspec?.partParams, "PartitionElem").map(({ name }) => name ?? "");
  if (key.length > 0 && !key.includes("")) table.partitionKey = key;
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
    ...partsOfIndex(index),
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
      case "OBJECT_POLICY":
        model.table(parts.slice(0, -1).join("."))?.policies?.delete(parts.at(-1) ?? "");
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
  // ALTER TABLE renames indexes as well.
  const isIndex = rename.renameType === "OBJECT_TABLE" && !table && model.index(name);
  switch (isIndex ? "OBJECT_INDEX" : rename.renameType) {
    case "OBJECT_TABLE":
      renameTable(model, name, schemaOf(table?.name ?? name) + newname);
      break;
    case "OBJECT_COLUMN": {
      const column = table?.columns.get(subname);
      if (!table || !column) break;
      table.columns.delete(subname);
      table.columns.set(newname, column);
      renameColumnOfKeys(model, table, subname, newname);
      break;
    }
    case "OBJECT_TABCONSTRAINT": {
      const constraint = table?.constraints.get(subname);
      if (!table || !constraint) break;
      table.constraints.delete(subname);
      table.constraints.set(newname, constraint);
      break;
    }
    case "OBJECT_POLICY": {
      const isPermissive = table?.policies?.get(subname);
      if (!table?.policies || isPermissive === undefined) break;
      table.policies.delete(subname);
      table.policies.set(newname, isPermissive);
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

function renameColumnOfKeys(model: Model, table: Table, from: string, to: string): void {
  const renamed = (columns: readonly string[]) =>
    columns.map((column) => (column === from ? to : column));
  if (table.partitionKey) table.partitionKey = renamed(table.partitionKey);
  for (const index of model.indexesOf(table))
    model.indexes.set(index.name, {
      ...index,
      ...withRenamed(index, renamed),
      columns: renamed(index.columns),
    });
  for (const [name, constraint] of table.constraints) {
    const { provesNotNull } = constraint;
    table.constraints.set(name, {
      ...constraint,
      columns: renamed(constraint.columns),
      ...(provesNotNull === from ? { provesNotNull: to } : {}),
    });
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
  for (const parent of model.tables.values()) {
    if (parent.defaultPartition === table.name) parent.defaultPartition = name;
  }
  for (const index of model.indexesOf(table))
    model.indexes.set(index.name, { ...index, table: name });
}
