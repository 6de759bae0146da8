import { hasColumn, visit } from "../expression.ts";
import { as, stringsOf, type Node } from "../identity.ts";
import { clausesOf, formatNames, type Judgement, type Rule } from "../rule.ts";
import type { Table } from "../database.ts";
import { ident } from "../../../../db/identifier.ts";

// Below this a scan takes less than a millisecond.
const fewRows = 1000;

/**
 * A column that policies compare with who asks, without an index that begins with it: each query
 * reads the whole table. A table whose size is not known (empty, never analyzed) may grow.
 */
export const unindexedColumn: Rule = {
  name: "policies/unindexed-column",
  judge: ({ policies, tables }) =>
    tables
      .filter(({ isPartition, rows }) => !isPartition && (rows <= 0 || rows >= fewRows))
      .flatMap((table): Judgement[] => {
        const columns = new Set(
          policies
            .filter(
              (policy) =>
                policy.table === table && !policy.isForOwner && policy.command !== "INSERT",
            )
            .flatMap((policy) => clausesOf(policy).filter(([word]) => word === "USING"))
            .flatMap(([, { node }]) => comparedColumns(node, table)),
        );
        const missing = [...columns]
          .filter((column) => !table.leadingColumns.includes(column))
          .toSorted();
        if (missing.length === 0) return [];
        return [
          {
            severity: table.rows >= fewRows ? "warning" : "info",
            message: `policies of ${table.name} compare ${formatNames(missing.map(ident))} with who asks, and no index begins with ${missing.length > 1 ? "them" : "it"}: every query reads the whole table`,
            hint: missing
              .map((column) => `\`CREATE INDEX CONCURRENTLY ON ${table.name} (${ident(column)});\``)
              .join(" "),
            object: `${table.name}.${ident(missing[0] ?? "")}`,
          },
        ];
      }),
};

/** Columns in `column = something without a column`, outside of subselects. */
function comparedColumns(root: Node, table: Table): string[] {
  const found: string[] = [];
  visit(root, (node) => {
    if (as(node, "SubLink")) return "skip";
    const comparison = as(node, "A_Expr");
    if (comparison?.kind !== "AEXPR_OP" || stringsOf(comparison.name).at(-1) !== "=")
      return "inside";
    for (const [one, other] of [
      [comparison.lexpr, comparison.rexpr],
      [comparison.rexpr, comparison.lexpr],
    ]) {
      const column = stringsOf(as(one, "ColumnRef")?.fields);
      const isOwn = column.length === 1 || (column.length > 1 && column.at(-2) === table.bareName);
      const name = column.at(-1);
      // A constant says nothing about who asks (`kind = 'public'`).
      if (
        isOwn &&
        name !== undefined &&
        other !== undefined &&
        !hasColumn(other) &&
        !as(other, "A_Const") &&
        !isTypedConstant(other)
      ) {
        found.push(name);
      }
    }
    return "inside";
  });
  return found;
}

/** `'public'::text`, as pg_get_expr() writes constants. */
function isTypedConstant(node: Node): boolean {
  return as(as(node, "TypeCast")?.arg, "A_Const") !== undefined;
}
