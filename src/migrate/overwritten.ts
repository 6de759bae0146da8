/** Which values an UPDATE replaces by others. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import findAssignedColumn from "./assigned-column.sql";
import type { Assignment, UpdateText } from "./assignments.ts";
import { holds, readUpdate } from "./assignments.ts";
import { tableAsThen } from "./retyped.ts";
import type { Suspect } from "./suspect.ts";
import { wholeTable } from "./suspect.ts";
import type { Names } from "./table-names.ts";
import { columnNow, partsOf, resolveTable, sqlOf } from "./table-names.ts";

interface AssignedColumn {
  readonly type: string;
  readonly isNumber: boolean;
  readonly isText: boolean;
  readonly isArray: boolean;
  readonly default: string;
}

/**
 * Columns of which an UPDATE replaces values: not NULL before, and another value after. A value that
 * the same UPDATE writes into a column, alone or joined to something, is not lost; nor is one
 * of a column that an earlier statement of the rollback has made. `gone` names the columns dropped by then.
 */
export async function doomedByUpdate(
  session: Session,
  { node, text }: Statement,
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Suspect[]> {
  const update = as(node, "UpdateStmt");
  const relation = update?.relation;
  if (!update || !relation) return [];
  const parts = partsOf(relation);
  const table = await resolveTable(session, parts, names);
  if (!table) return [];
  const read = readUpdate(text);
  const assignments: readonly Assignment[] =
    read?.assignments ??
    allOf(update.targetList, "ResTarget").map(({ name = "" }) => ({
      column: name,
      sql: undefined,
      expression: undefined,
    }));
  const plainAlias = relation.alias?.aliasname ?? relation.relname ?? "";
  const alias = ident(plainAlias);
  const only = relation.inh === true ? "" : "only ";
  const whole = wholeTable("overwrites", table, parts);
  const isRenamed = names.tables.length > 0 || names.columns.size > 0;
  const source = isRenamed
    ? await tableAsThen(session, table, plainAlias, names)
    : `${only}${whole.table} as ${alias}`;
  const suspects: Suspect[] = [];
  for (const assignment of assignments) {
    const column = columnNow(table, assignment.column, names);
    const object = `${sqlOf(table)}.${ident(column)}`;
    const [known] = await session.query<AssignedColumn>(findAssignedColumn, [sqlOf(table), column]);
    if (!known || gone.has(object) || isSame(assignment, plainAlias)) continue;
    const condition = changedSql(assignment, assignments, known, plainAlias);
    const rowsIn = (from: string, target: string) =>
      read
        ? changedRows(from, target, condition, read, alias, whole.isForeign)
        : `select from ${target} as ${alias} where ${condition}`;
    suspects.push({
      ...whole,
      object,
      column,
      rows: rowsIn(source, whole.table),
      rowsThen: rowsIn(`${only}${whole.tableThen} as ${alias}`, whole.tableThen),
      atMost: `select from ${whole.table} where ${ident(column)} is not null`,
    });
  }
  return suspects;
}

/** `SET a = a` */
function isSame({ column, expression }: Assignment, alias: string): boolean {
  return (
    as(expression, "ColumnRef") !== undefined &&
    holds(expression, { name: column, alias }, { isText: false, isArray: false })
  );
}

/**
 * The condition for a value that is not there any more. Texts are compared, as '1 mon' equals '30
 * days' and json knows no equality; but for numbers, where 1.50 is 1.5.
 */
function changedSql(
  { column, sql, expression }: Assignment,
  assignments: readonly Assignment[],
  known: AssignedColumn,
  alias: string,
): string {
  const value = `${ident(alias)}.${ident(column)}`;
  const conditions = [`${value} is not null`];
  if (sql !== undefined) {
    const written = as(expression, "SetToDefault") ? known.default : sql;
    const text = known.isNumber ? "" : "::text";
    // The line break ends a comment in the expression.
    conditions.push(
      `${value}${text} is distinct from cast((${written}\n) as ${known.type})${text}`,
    );
  }
  for (const other of assignments) {
    if (other.sql !== undefined && holds(other.expression, { name: column, alias }, known)) {
      conditions.push(`(${other.sql}\n) is not distinct from null`);
    }
  }
  return conditions.join(" and ");
}

/** Rows of the table among those that the UPDATE finds; through a view they have no place. */
function changedRows(
  source: string,
  target: string,
  condition: string,
  { from, where }: UpdateText,
  alias: string,
  isForeign: boolean,
): string {
  const found = `from ${[source, ...(from === undefined ? [] : [from])].join(", ")}
where ${[condition, ...(where === undefined ? [] : [`(${where}\n)`])].join(" and ")}`;
  return isForeign
    ? `select ${found}`
    : `select from ${target} as pgwright_u where (pgwright_u.tableoid, pgwright_u.ctid) in (select ${alias}.tableoid, ${alias}.ctid ${found}\n)`;
}
