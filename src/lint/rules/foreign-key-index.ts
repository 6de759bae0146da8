import { ident } from "../../db/identifier.ts";
import type { Statement, Tree } from "../../db/script.ts";
import { allOf, as, relationName, stringsOf } from "../../db/tree.ts";
import { constraintOf, nameOf } from "../../locks/column.ts";
import { keyOf } from "../../locks/model.ts";
import type { Reference } from "../reference.ts";
import { follow, topicsOf } from "../reference.ts";
import { ServingIndexes } from "../serving.ts";
import { sqlName } from "../say.ts";
import { Names } from "../../migrate/online/names.ts";
import { nodeOf } from "../rule.ts";
import type { LintRule, Step } from "../rule.ts";

const none: ReadonlySet<string> = new Set();

/** Once a file: what the file makes of the key and its table after it counts too. */
export const foreignKeyIndex: LintRule = {
  name: "foreign-key-index",
  severity: "warning",
  summary: "a foreign key without an index that finds its rows",
  why: "Each DELETE of a referenced row, and each change of its key, looks for rows that refer to it. Without an index that reads the whole referencing table.",
  safe: "CREATE INDEX CONCURRENTLY orders_customer_id_idx ON orders (customer_id);",
  kinds: ["AT_AddColumn", "AT_AddConstraint", "CreateStmt"],
  judge: (step) =>
    keysIn(step).flatMap((key) => {
      const left = withoutIndex(step, key);
      if (!left) return [];
      const { table, columns, parent } = left;
      const name = ident(new Names(step.model, none).index({ name: table }, columns));
      return [
        {
          object: `${table}.${columns.join(",")}`,
          message: `no index finds the rows of ${sqlName(table)} by ${columns.map(ident).join(", ")}: each DELETE of a row of ${sqlName(parent)} reads all of ${sqlName(table)}`,
          hint: `\`CREATE INDEX CONCURRENTLY ${name} ON ${sqlName(table)} (${columns.map(ident).join(", ")});\``,
        },
      ];
    }),
};

function keysIn(step: Step): Reference[] {
  // The word stands in every one of them.
  if (!/references/i.test(step.statement.text)) return [];
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
  const refer = (constraint: Tree.Constraint, of: readonly string[]): Reference => ({
    table: keyOf(table),
    columns: of,
    parent: keyOf(relationName(constraint.pktable)),
    constraint: nameOf(constraint, table, of),
  });
  return [
    ...columns.flatMap((column) => {
      const key = constraintOf(column, "CONSTR_FOREIGN");
      return key ? [refer(key, [column.colname ?? ""])] : [];
    }),
    ...constraints
      .filter(({ contype }) => contype === "CONSTR_FOREIGN")
      .map((key) => refer(key, stringsOf(key.fk_attrs))),
  ];
}

/**
 * The key as the end of the file has it, by its last names; undefined where an index that begins with
 * its columns, in any order, is there then, and where the file takes the key away again.
 */
function withoutIndex({ model, file, statement }: Step, key: Reference): Reference | undefined {
  const known = model.table(key.table);
  // Nobody told of the table: it may have any index, but for one of a column that is new.
  const isTold = () =>
    [key.table, ...key.columns.map((column) => columnOf(key.table, column))].some((topic) =>
      file.has(told, topic),
    );
  if (!known && !isTold()) return undefined;
  const serving = new ServingIndexes();
  let now: Reference | undefined = key;
  const watched = () => [...topicsOf(now ?? key), ...serving.topics()];
  file.visitBefore(statement, watched, (earlier) => serving.pass(earlier, key));
  for (const index of model.indexesOf({ name: known?.name ?? key.table })) serving.note(index, key);
  serving.pass(statement, key);
  file.visitBehind(
    statement,
    () => (now ? watched() : []),
    (later) => {
      if (!now) return;
      serving.pass(later, now);
      now = follow(now, later);
    },
  );
  return serving.isEmpty ? now : undefined;
}

const columnOf = (table: string, column: string) => `${table} ${column}`;

/** Tables that a statement creates, and columns that it adds. */
function told({ node }: Statement): string[] {
  const create = as(node, "CreateStmt");
  if (create) return [keyOf(relationName(create.relation))];
  const alter = as(node, "AlterTableStmt");
  const table = keyOf(relationName(alter?.relation));
  return allOf(alter?.cmds, "AlterTableCmd").flatMap(({ subtype, def }) =>
    subtype === "AT_AddColumn" ? [columnOf(table, as(def, "ColumnDef")?.colname ?? "")] : [],
  );
}
