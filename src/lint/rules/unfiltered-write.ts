import { ident } from "../../db/identifier.ts";
import type { Node, Tree } from "../../db/script.ts";
import { allOf, as, findNodes, isOptionOn, relationName } from "../../db/tree.ts";
import { sqlName } from "../say.ts";
import type { Rows } from "../rows.ts";
import type { LintRule, Step } from "../rule.ts";
import { truthOf } from "../truth.ts";

export const unfilteredWrite: LintRule = {
  name: "unfiltered-write",
  severity: "warning",
  summary: "UPDATE or DELETE of every row in one transaction",
  why: "Every row stays locked until the transaction ends, and writers of any of them wait; the table grows to twice its size, replicas lag, and a failure near the end undoes all of it.",
  safe: "-- backfill: batch=10000\nUPDATE orders SET region = 'eu' WHERE region IS NULL;",
  kinds: [
    "UpdateStmt",
    "DeleteStmt",
    "SelectStmt",
    "InsertStmt",
    "MergeStmt",
    "CreateTableAsStmt",
    "ExplainStmt",
  ],
  judge: (step) => {
    if (step.isInBatches) return [];
    return writesIn(step).flatMap((write) => {
      const { verb, relation, where, others, isInner } = write;
      const because = whyAll(write, step);
      if (because === undefined) return [];
      const table = relationName(relation);
      return [
        {
          table,
          isBySize: true,
          message: `${because}every row of ${sqlName(table)} is ${verb} in one transaction, and stays locked until it ends`,
          // Batches are made of an UPDATE or DELETE that is a statement by itself.
          hint:
            others || isInner
              ? `say in its ${where.clause} which rows of ${sqlName(table)}, and take a part at a time, each in a transaction of its own`
              : "`-- backfill:` in the line above makes pgwright do it in batches, each a transaction of its own",
        },
      ];
    });
  },
};

interface Write {
  readonly verb: "written anew" | "deleted";
  readonly relation: Tree.RangeVar | undefined;
  readonly where: { readonly clause: "WHERE" | "ON"; readonly condition: Node | undefined };
  /** The clause that names other tables, which each row is joined with. */
  readonly others: "FROM" | "USING" | undefined;
  /** It is not the statement, but stands in it, or has others in its WITH. */
  readonly isInner: boolean;
}

/** Words for the message; undefined for what may spare a row. */
function whyAll(write: Write, step: Step): string | undefined {
  const { relation, where, others } = write;
  const { clause, condition } = where;
  if (!condition) return others ? `no WHERE says which rows go with which of ${others}: ` : "";
  const rows = rowsOf(write, step);
  if (truthOf(condition, rows) === true) return `the ${clause} lets every row through: `;
  if (truthOf(condition, { ...rows, isFilled: rows.mayBeFilled }) === true) {
    return `the ${clause} lets every row through, unless one has a NULL there: `;
  }
  const target = relation?.alias?.aliasname ?? relation?.relname ?? "";
  return others && isOfOthers(condition, target)
    ? `nothing in the ${clause} is about ${ident(target)}: `
    : undefined;
}

/** The rows that the write is about. */
function rowsOf(
  { relation = {}, others }: Pick<Write, "relation" | "others">,
  { statement, model }: Step,
): Rows & { mayBeFilled: Rows["isFilled"] } {
  const columns = model.table(relationName(relation))?.columns;
  const isNotNull = (column: string) => columns?.get(column)?.isNotNull === true;
  const ctes = findNodes(statement.node, "CommonTableExpr");
  return {
    relation,
    isAlone: others === undefined,
    hidden: new Set(ctes.map(({ ctename = "" }) => ctename)),
    isNotNull,
    isFilled: isNotNull,
    // Who compares a column that takes NULL to itself says IS NOT NULL with it.
    mayBeFilled: (column) => columns?.get(column)?.isNotNull !== false,
  };
}

/** It names columns of other tables alone. A column without its table may be anybody's. */
function isOfOthers(condition: Node, target: string): boolean {
  const owners = findNodes(condition, "ColumnRef").map(({ fields = [] }) =>
    fields.length > 1 ? as(fields.at(-2), "String")?.sval : undefined,
  );
  return owners.length > 0 && owners.every((owner) => owner !== undefined && owner !== target);
}

/** The statement itself, and those in its WITH, wherever that stands. Nothing for what does not run. */
function writesIn(step: Step): Write[] {
  const { node } = step.statement;
  const explain = as(node, "ExplainStmt");
  if (explain && !isOptionOn(explain.options, "analyze", false)) return [];
  if (as(node, "CreateTableAsStmt")?.into?.skipData) return [];
  const updates = findNodes(node, "UpdateStmt");
  const deletes = findNodes(node, "DeleteStmt");
  const merges = findNodes(node, "MergeStmt");
  const own = as(node, "UpdateStmt") ?? as(node, "DeleteStmt");
  const isInner = own === undefined || own.withClause !== undefined;
  return [
    ...updates.map(({ relation, whereClause, fromClause }): Write => ({
      verb: "written anew",
      relation,
      where: { clause: "WHERE", condition: whereClause },
      others: fromClause ? "FROM" : undefined,
      isInner,
    })),
    ...deletes.map(({ relation, whereClause, usingClause }): Write => ({
      verb: "deleted",
      relation,
      where: { clause: "WHERE", condition: whereClause },
      others: usingClause ? "USING" : undefined,
      isInner,
    })),
    ...merges.flatMap((merge) => writesOf(merge, step)),
  ];
}

/** WHEN MATCHED THEN UPDATE or DELETE, for all that match. */
function writesOf(merge: Tree.MergeStmt, step: Step): Write[] {
  const { relation, joinCondition, mergeWhenClauses } = merge;
  const clause = allOf(mergeWhenClauses, "MergeWhenClause").find(
    ({ matchKind }) => matchKind === "MERGE_WHEN_MATCHED",
  );
  const { commandType, condition } = clause ?? {};
  const rows = rowsOf({ relation, others: "USING" }, step);
  if (condition && truthOf(condition, rows) !== true) return [];
  if (commandType !== "CMD_UPDATE" && commandType !== "CMD_DELETE") return [];
  return [
    {
      verb: commandType === "CMD_DELETE" ? "deleted" : "written anew",
      relation,
      where: { clause: "ON", condition: joinCondition },
      others: "USING",
      isInner: true,
    },
  ];
}
