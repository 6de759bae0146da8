/** What ALTER TABLE leaves in the model. */
import type { Tree } from "../db/script.ts";
import { allOf, as, relationName } from "../db/tree.ts";
import { collationOf, typeOf } from "./column.ts";
import { addColumn, addConstraint } from "./learn-column.ts";
import type { Model } from "./model.ts";
import { keyOf } from "./model.ts";

export function learnAlter(model: Model, alter: Tree.AlterTableStmt): void {
  const table = model.table(relationName(alter.relation));
  if (!table) return;
  for (const { subtype, name = "", def } of allOf(alter.cmds, "AlterTableCmd")) {
    const column = table.columns.get(name);
    switch (subtype) {
      case "AT_AddColumn": {
        const definition = as(def, "ColumnDef");
        if (!definition) break;
        addColumn(model, table, definition);
        const added = table.columns.get(definition.colname ?? "");
        if (added) model.markNew(added);
        break;
      }
      case "AT_DropColumn":
        table.columns.delete(name);
        for (const [key, constraint] of table.constraints) {
          if (constraint.columns.includes(name)) table.constraints.delete(key);
        }
        for (const index of model.indexesOf(table)) {
          if (index.uses.includes(name)) model.indexes.delete(index.name);
        }
        break;
      case "AT_AlterColumnType":
        if (column) {
          const definition = as(def, "ColumnDef");
          table.columns.set(name, {
            ...typeOf(definition?.typeName),
            collation: collationOf(definition),
            isNotNull: column.isNotNull,
          });
        }
        break;
      case "AT_SetNotNull":
        if (column) column.isNotNull = true;
        break;
      case "AT_DropNotNull":
        if (column) column.isNotNull = false;
        break;
      case "AT_AddConstraint": {
        const constraint = as(def, "Constraint");
        if (constraint) addConstraint(model, table, constraint);
        break;
      }
      case "AT_ValidateConstraint": {
        const constraint = table.constraints.get(name);
        if (constraint) constraint.isValid = true;
        break;
      }
      case "AT_AttachPartition": {
        const partition = as(def, "PartitionCmd");
        if (partition?.bound?.is_default) {
          table.defaultPartition = keyOf(relationName(partition.name));
        }
        break;
      }
      case "AT_EnableRowSecurity":
      case "AT_DisableRowSecurity":
        table.hasRowSecurity = subtype === "AT_EnableRowSecurity";
        break;
      case "AT_DetachPartition":
        if (table.defaultPartition === keyOf(relationName(as(def, "PartitionCmd")?.name))) {
          table.defaultPartition = undefined;
        }
        break;
      case "AT_DropConstraint":
        table.constraints.delete(name);
        for (const index of model.indexesOf(table)) {
          if (index.constraint === name) model.indexes.delete(index.name);
        }
        break;
      default:
        break;
    }
  }
}
