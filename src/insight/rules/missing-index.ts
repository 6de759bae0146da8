import { formatBytes, formatCount } from "../../db/amount.ts";
import { ident } from "../../db/identifier.ts";
import { onPartitioned } from "../../indexes/statement.ts";
import { considerIndex, type Candidate } from "../candidate.ts";
import { type Term, termsOf } from "../conditions.ts";
import { nodesOf, type PlanNode } from "../plan-tree.ts";
import { isCatalog, type Problem, type QueryRule, severityOf } from "../rule.ts";
import { type TableFacts, tableOf } from "../tables.ts";

// Functions that PostgreSQL can keep in an index, and that people put around columns.
const indexable = new Set(["lower", "upper"]);
// More columns than this find hardly fewer rows.
const mostColumns = 3;

/**
 * A large table that is read from end to end for few rows. The index: columns that are compared
 * by equality first, the one with most values leading, then one column of a range or of the order.
 */
export const missingIndex: QueryRule = (context) => {
  const { plan, query, tables } = context;
  const found = new Map<string, Problem>();
  for (const node of nodesOf(plan)) {
    if (node.type !== "Seq Scan") continue;
    const table = tableOf(node, tables);
    if (table === undefined || isCatalog(table)) continue;
    const candidate = candidateFor(node, plan, table);
    if (candidate === undefined) continue;
    found.set(candidate.sql, {
      rule: "slow-queries/missing-index",
      severity: severityOf(query),
      object: candidate.table,
      message: `${candidate.table} is read from end to end (${formatCount(Math.round(table.rows))} rows, ${formatBytes(table.bytes)}) for about ${formatCount(Math.round(wholeRows(node, table)))} rows, and no index leads to them by ${candidate.keys.join(", ")}`,
      hint: `\`${candidate.sql}\` ${candidate.isPartitioned ? `${onPartitioned}; ` : ""}about ${formatBytes(candidate.bytes)}, estimated to read ${formatCount(Math.round(candidate.gain))} times less`,
      candidate,
    });
  }
  return [...found.values()];
};

/** A partition's node stands for all of them. */
function wholeRows(node: PlanNode, table: TableFacts): number {
  return node.rows * (table.isLeaf ? table.leaves : 1);
}

function candidateFor(node: PlanNode, plan: PlanNode, table: TableFacts): Candidate | undefined {
  const own = termsOf(node).filter(({ column }) => column in table.types);
  const usable = own.filter(({ around }) => around === null || indexable.has(around));
  // A boolean says little, and a column that everybody shares less.
  const equal = usable
    .filter((term) => term.kind === "equal" && !isPoor(term, table))
    .toSorted((a, b) => distinctOf(b, table) - distinctOf(a, table))
    .slice(0, mostColumns);
  const range = usable.filter(({ kind, around }) => kind === "range" && around === null);
  const joined = joinTerms(node, plan, table);
  const lead = equal.length > 0 ? equal : joined;
  const sort = equal.length > 0 && range.length === 0 ? sortColumn(node, plan, table) : undefined;
  const keys = [...new Set(lead.map(keyText))];
  const last = range[0]?.column;
  const columns = lead.map(({ column, around }) => (around === null ? column : ""));
  if (last !== undefined && !columns.includes(last)) {
    keys.push(ident(last));
    columns.push(last);
  } else if (sort !== undefined && !columns.includes(sort.column)) {
    keys.push(sort.text);
    columns.push(sort.column);
  }
  const rows =
    lead === joined && joined.length > 0
      ? table.rows / Math.max(1, distinctOf(joined[0] as Term, table))
      : wholeRows(node, table);
  if (keys.length === 0) return undefined;
  const known = columns.every((column) => column !== "");
  return considerIndex(table, { method: "btree", keys, columns: known ? columns : keys, rows });
}

function keyText({ column, around }: Term): string {
  return around === null ? ident(column) : `${around}(${ident(column)})`;
}

function isPoor({ column, around }: Term, table: TableFacts): boolean {
  return (
    around === null && (table.types[column] === "boolean" || distinctOf({ column }, table) < 3)
  );
}

/** Negative in the statistics is a share of the rows. Unknown counts as a value for each ten rows. */
function distinctOf({ column }: Pick<Term, "column">, { columns, rows }: TableFacts): number {
  const distinct = columns[column]?.distinct ?? -0.1;
  return distinct < 0 ? -distinct * rows : distinct;
}

/** A table that is read whole for each row of the other side, or for few rows of it. */
function joinTerms(node: PlanNode, plan: PlanNode, table: TableFacts): readonly Term[] {
  const above = parentOf(node, plan);
  if (above === undefined || !/Join|Nested Loop/.test(above.type)) return [];
  const other = above.children.find((child) => child !== node);
  // One row in twenty of the table at most, or reading it whole is right.
  if (other === undefined || other.rows * 20 > table.rows) return [];
  return termsOf(above, ["Join Filter", "Hash Cond"])
    .filter(
      ({ kind, alias, around }) => kind === "equal" && alias === node.alias && around === null,
    )
    .slice(0, 1);
}

function parentOf(node: PlanNode, plan: PlanNode): PlanNode | undefined {
  // Between a join and what it reads stand only nodes that pass rows on.
  const passes = /^(?:Hash|Gather|Gather Merge|Append|Materialize)$/;
  const direct = nodesOf(plan).find(({ children }) => children.includes(node));
  return direct !== undefined && passes.test(direct.type) ? parentOf(direct, plan) : direct;
}

/** The column by which the rows are sorted right above, where it is one of the table's. */
function sortColumn(
  node: PlanNode,
  plan: PlanNode,
  table: TableFacts,
): { column: string; text: string } | undefined {
  const sort = nodesOf(plan).find((one) => one.sortKey.length > 0 && nodesOf(one).includes(node));
  const [, column, direction] = /^(?:\w+\.)?(\w+)( DESC)?$/.exec(sort?.sortKey[0] ?? "") ?? [];
  if (column === undefined || !(column in table.types)) return undefined;
  return { column, text: `${ident(column)}${direction ?? ""}` };
}
