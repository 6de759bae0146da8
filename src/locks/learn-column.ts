/** What a column or a constraint of a definition leaves in the model. */
import type { Tree } from "../db/script.ts";
import { allOf } from "../db/tree.ts";
import {
  collationOf,
  columnsFound,
  constraintOf,
  isSerial,
  modelled,
  nameOf,
  typeOf,
} from "./column.ts";
import { partsOfConstraint } from "./index-parts.ts";
import type { IndexParts, Model, Table } from "./model.ts";

/** A column with the constraints that stand at it. */
export function addColumn(model: Model, table: Table, definition: Tree.ColumnDef): void {
  const name = definition.colname ?? "";
  const type = typeOf(definition.typeName);
  table.columns.set(name, {
    ...type,
    collation: collationOf(definition),
    isNotNull:
      isSerial(type.type) ||
      constraintOf(definition, "CONSTR_NOTNULL", "CONSTR_PRIMARY", "CONSTR_IDENTITY") !== undefined,
  });
  for (const constraint of allOf(definition.constraints, "Constraint")) {
    addConstraint(model, table, constraint, name);
  }
}

/** A constraint, with its index where it has one. */
export function addConstraint(
  model: Model,
  table: Table,
  constraint: Tree.Constraint,
  of?: string,
): void {
  const known = modelled(constraint, of);
  if (!known || (known.kind === "notnull" && of !== undefined)) return;
  // An index is in the schema of its table.
  const taken = constraint.indexname
    ? model.index(schemaOf(table.name) + constraint.indexname)
    : undefined;
  const columns = taken?.columns ?? known.columns;
  const name =
    constraint.conname ?? constraint.indexname ?? nameOf(constraint, table.name, columns);
  if (constraint.indexname && taken) model.indexes.delete(taken.name);
  table.constraints.set(name, { ...known, columns });
  if (known.kind === "primary") {
    for (const column of columns) {
      const there = table.columns.get(column);
      if (there) there.isNotNull = true;
    }
  }
  const place = schemaOf(table.name) + name;
  const parts = taken ?? partsOfConstraint(constraint, columns);
  if (known.kind === "exclude") {
    model.indexes.set(place, {
      ...partsIn(parts),
      name: place,
      table: table.name,
      columns: constraint.where_clause ? [] : columnsFound(constraint),
      isUnique: false,
      constraint: name,
      isBtree: constraint.access_method === "btree",
    });
  }
  if (known.kind === "unique" || known.kind === "primary") {
    model.indexes.set(place, {
      ...partsIn(parts),
      name: place,
      table: table.name,
      columns,
      isUnique: true,
      constraint: name,
    });
  }
}

const partsIn = ({ keys, collated, uses, isComputed }: IndexParts): IndexParts => ({
  keys,
  collated,
  uses,
  isComputed,
});

/** `schema.` of a key, or nothing for public. */
export function schemaOf(name: string): string {
  return name.includes(".") ? `${name.split(".")[0]}.` : "";
}
