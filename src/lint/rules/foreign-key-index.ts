import { ident } from "../../db/identifier.ts";
import type { Statement } from "../../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { constraintOf } from "../../locks/column.ts";
import { keyOf } from "../../locks/model.ts";
import { bareName, sqlName } from "../say.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule, Step } from "../rule.ts";

/** Once a file: what the file makes after the key counts too. */
export const foreignKeyIndex: LintRule = {
  name: "foreign-key-index",
  severity: "warning",
  summary: "a foreign key without an index that finds its rows",
  why: "Each DELETE of a referenced row, and each change of its key, looks for rows that refer to it. Without an index that reads the whole referencing table.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);",
  kinds: ["AT_AddColumn", "AT_AddConstraint", "CreateStmt"],
  judge: (step) =>
    keysIn(step).flatMap(({ table, columns, parent }) => {
      if (isFound(step, table, columns)) return [];
      const name = ident(`${bareName(table)}_${columns.join("_")}_idx`);
      return [
        {
          object: `${table}.${columns.join(",")}`,
          message: `no index finds the rows of ${sqlName(table)} by ${columns.map(ident).join(", ")}: each DELETE of a row of ${sqlName(parent)} reads all of ${sqlName(table)}`,
          hint: `\`CREATE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${columns.map(ident).join(", ")});\``,
        },
      ];
    }),
};

interface Key {
  readonly table: string;
  readonly columns: readonly string[];
  readonly parent: string;
}

function keysIn(step: Step): Key[] {
  const create = nodeOf(step, "CreateStmt");
  const alter = nodeOf(step, "AlterTableStmt");
  const table = relationName(create?.relation ?? alter?.relation);
  const added = allOf(alter?.cmds, "AlterTableCmd");
  const columns = [
    ...allOf(create?.tableElts, "ColumnDef"),
    ...added.flatMap(({ subtype, def }) =>
      subtype === "AT_AddColumn" ? (as(def, "ColumnDef") ?? []) : [],
    ),
  ];
  const constraints = [
    ...allOf(create?.tableElts, "Constraint"),
    ...added.flatMap(({ subtype, def }) =>
      subtype === "AT_AddConstraint" ? (as(def, "Constraint") ?? []) : [],
    ),
  ];
  return [
    ...columns.flatMap((column) => {
      const key = constraintOf(column, "CONSTR_FOREIGN");
      return key
        ? [{ table, columns: [column.colname ?? ""], parent: relationName(key.pktable) }]
        : [];
    }),
    ...constraints
      .filter(({ contype }) => contype === "CONSTR_FOREIGN")
      .map(({ fk_attrs, pktable }) => ({
        table,
        columns: stringsOf(fk_attrs),
        parent: relationName(pktable),
      })),
  ];
}

/** An index that begins with these columns, in any order; there, or made by this file. */
function isFound({ model, file }: Step, table: string, columns: readonly string[]): boolean {
  const begins = (index: readonly string[]) =>
    columns.every((column) => index.slice(0, columns.length).includes(column));
  const known = model.table(table);
  // Nobody told of the table: it may have any index, but for one of a column that is new.
  const isTold = file.some(({ node }) => creates(node, table) || addsOneOf(node, table, columns));
  if (!known && !isTold) return true;
  if (known && model.indexesOf(known).some((index) => begins(index.columns))) return true;
  return file.some(({ node }) => {
    const index = as(node, "IndexStmt");
    if (index && keyOf(relationName(index.relation)) === keyOf(table)) {
      // BRIN finds ranges of blocks, GIN and GiST need operators of their own for a plain value.
      if (!["btree", "hash"].includes(index.accessMethod ?? "btree")) return false;
      // A partial index over the rows that refer to something serves as well.
      const where = as(index.whereClause, "NullTest")?.nulltesttype;
      if (index.whereClause && where !== "IS_NOT_NULL") return false;
      return begins(allOf(index.indexParams, "IndexElem").map(({ name }) => name ?? ""));
    }
    return keysOf(node, table).some(begins);
  });
}

const creates = (node: Statement["node"], table: string) =>
  keyOf(relationName(as(node, "CreateStmt")?.relation)) === keyOf(table);

function addsOneOf(node: Statement["node"], table: string, columns: readonly string[]): boolean {
  const alter = as(node, "AlterTableStmt");
  return (
    keyOf(relationName(alter?.relation)) === keyOf(table) &&
    allOf(alter?.cmds, "AlterTableCmd").some(
      ({ subtype, def }) =>
        subtype === "AT_AddColumn" && columns.includes(as(def, "ColumnDef")?.colname ?? ""),
    )
  );
}

/** Columns of primary keys and unique constraints that a statement gives the table. */
function keysOf(node: Statement["node"], table: string): string[][] {
  const create = as(node, "CreateStmt");
  const alter = as(node, "AlterTableStmt");
  if (keyOf(relationName(create?.relation ?? alter?.relation)) !== keyOf(table)) return [];
  const isKey = ({ contype }: { contype?: string }) =>
    contype === "CONSTR_PRIMARY" || contype === "CONSTR_UNIQUE";
  return [
    ...[
      ...allOf(create?.tableElts, "ColumnDef"),
      ...allOf(alter?.cmds, "AlterTableCmd").flatMap(({ def }) => as(def, "ColumnDef") ?? []),
    ].flatMap((column) =>
      constraintOf(column, "CONSTR_PRIMARY", "CONSTR_UNIQUE") ? [[column.colname ?? ""]] : [],
    ),
    ...[
      ...allOf(create?.tableElts, "Constraint"),
      ...allOf(alter?.cmds, "AlterTableCmd").flatMap(({ def }) => as(def, "Constraint") ?? []),
    ]
      .filter(isKey)
      .map(({ keys }) => stringsOf(keys)),
  ];
}
