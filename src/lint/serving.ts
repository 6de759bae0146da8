/** The indexes that find the rows of a foreign key, while the statements of a file go by. */
import type { Node, Statement, Tree } from "../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../db/tree.ts";
import { columnsFound, constraintOf, modelled, nameOf } from "../locks/column.ts";
import { schemaOf } from "../locks/learn-column.ts";
import type { Index } from "../locks/model.ts";
import { keyOf } from "../locks/model.ts";
import type { Watched } from "./file-statements.ts";
import type { Reference } from "./reference.ts";
import { renamedOrDropped } from "./reference.ts";

/** By name, as the model has names. */
export class ServingIndexes {
  readonly #columns = new Map<string, readonly string[]>();

  get isEmpty(): boolean {
    return this.#columns.size === 0;
  }

  /** What a statement that changes them is about, besides the table. */
  topics(): Watched[] {
    return [...this.#columns.keys()].map((name) => [renamedOrDropped, name]);
  }

  /** One that is there, if it serves. */
  note({ name, columns }: Pick<Index, "name" | "columns">, key: Reference): void {
    if (begins(columns, key)) this.#columns.set(name, columns);
  }

  /** What a statement makes of them; `key` as it is before it, by the names of then. */
  pass({ node }: Statement, key: Reference): void {
    for (const index of madeBy(node, key.table)) this.note(index, key);
    const rename = as(node, "RenameStmt");
    if (rename) this.#rename(rename, key);
    const move = as(node, "AlterObjectSchemaStmt");
    if (move && keyOf(relationName(move.relation)) === key.table) {
      const to = keyOf(`${move.newschema}.`);
      for (const name of this.#columns.keys()) this.#call(name, to + lastOf(name));
    }
    const drop = as(node, "DropStmt");
    if (drop?.removeType === "OBJECT_INDEX") {
      for (const { items } of allOf(drop.objects, "List")) {
        this.#columns.delete(keyOf(stringsOf(items).join(".")));
      }
    }
    const alter = as(node, "AlterTableStmt");
    if (!alter || keyOf(relationName(alter.relation)) !== key.table) return;
    for (const { subtype, name = "", def } of allOf(alter.cmds, "AlterTableCmd")) {
      if (subtype === "AT_DropConstraint") this.#columns.delete(schemaOf(key.table) + name);
      if (subtype === "AT_DropColumn") this.#dropColumn(name);
      // The index is called as the constraint that takes it.
      const { indexname, conname } = as(def, "Constraint") ?? {};
      if (indexname !== undefined && conname !== undefined) {
        this.#call(schemaOf(key.table) + indexname, schemaOf(key.table) + conname);
      }
    }
  }

  #rename({ renameType, relation, subname, newname = "" }: Tree.RenameStmt, key: Reference): void {
    const name = keyOf(relationName(relation));
    // ALTER TABLE renames indexes as well.
    if (renameType === "OBJECT_INDEX" || renameType === "OBJECT_TABLE") {
      this.#call(name, schemaOf(name) + newname);
    }
    if (name !== key.table) return;
    if (renameType === "OBJECT_TABCONSTRAINT") {
      this.#call(`${schemaOf(name)}${subname}`, schemaOf(name) + newname);
    }
    if (renameType === "OBJECT_COLUMN") {
      for (const [index, columns] of this.#columns) {
        this.#columns.set(
          index,
          columns.map((column) => (column === subname ? newname : column)),
        );
      }
    }
  }

  #call(from: string, to: string): void {
    const columns = this.#columns.get(from);
    if (!columns || from === to) return;
    this.#columns.delete(from);
    this.#columns.set(to, columns);
  }

  #dropColumn(column: string): void {
    for (const [name, columns] of this.#columns) {
      if (columns.includes(column)) this.#columns.delete(name);
    }
  }
}

const lastOf = (name: string) => name.split(".").at(-1) ?? name;

const begins = (index: readonly string[], { columns }: Reference) =>
  columns.every((column) => index.slice(0, columns.length).includes(column));

/** Indexes that find rows of the table by a plain value, by themselves or of a key. */
function madeBy(node: Statement["node"], table: string): Pick<Index, "name" | "columns">[] {
  const index = as(node, "IndexStmt");
  if (!index) return keysBy(node, table);
  if (keyOf(relationName(index.relation)) !== table) return [];
  // BRIN finds ranges of blocks, GIN and GiST need operators of their own for a plain value.
  if (!["btree", "hash"].includes(index.accessMethod ?? "btree")) return [];
  if (!hasAllThatRefer(index.whereClause)) return [];
  const columns = allOf(index.indexParams, "IndexElem").map(({ name }) => name ?? "");
  const name = index.idxname ?? `${lastOf(table)}_${columns.join("_")}_idx`;
  return [{ name: schemaOf(table) + name, columns }];
}

/** No condition, or one that leaves out only rows that refer to nothing. */
function hasAllThatRefer(where: Node | undefined): boolean {
  return where === undefined || as(where, "NullTest")?.nulltesttype === "IS_NOT_NULL";
}

/** Those of the primary keys and of the constraints UNIQUE and EXCLUDE that a statement gives the table. */
function keysBy(node: Statement["node"], table: string): Pick<Index, "name" | "columns">[] {
  const create = as(node, "CreateStmt");
  const alter = as(node, "AlterTableStmt");
  if (keyOf(relationName(create?.relation ?? alter?.relation)) !== table) return [];
  const added = allOf(alter?.cmds, "AlterTableCmd");
  const columns = [
    ...allOf(create?.tableElts, "ColumnDef"),
    ...added.flatMap(({ def }) => as(def, "ColumnDef") ?? []),
  ];
  const constraints = [
    ...allOf(create?.tableElts, "Constraint"),
    ...added.flatMap(({ def }) => as(def, "Constraint") ?? []),
  ];
  const keyed = (constraint: Tree.Constraint, of: readonly string[]) => ({
    name: schemaOf(table) + nameOf(constraint, table, of),
    columns: of,
  });
  return [
    ...columns.flatMap((column) => {
      const constraint = constraintOf(column, "CONSTR_PRIMARY", "CONSTR_UNIQUE");
      return constraint ? [keyed(constraint, [column.colname ?? ""])] : [];
    }),
    ...constraints
      .filter((one) => one.contype === "CONSTR_EXCLUSION" && hasAllThatRefer(one.where_clause))
      .map((constraint) => ({
        name: schemaOf(table) + nameOf(constraint, table, modelled(constraint)?.columns ?? []),
        columns: columnsFound(constraint),
      })),
    ...constraints
      .filter(({ contype }) => contype === "CONSTR_PRIMARY" || contype === "CONSTR_UNIQUE")
      .map((constraint) => keyed(constraint, stringsOf(constraint.keys))),
  ];
}
