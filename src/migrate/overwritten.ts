/** Which values an UPDATE replaces by others. */
import { ident } from "../db/identifier.ts";
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { allOf, as } from "../db/tree.ts";
import { hasNoValue, hasValue, storedText } from "../db/stored-value.ts";
import findAssignedColumn from "./assigned-column.sql";
import type { Assignment, UpdateText } from "./assignments.ts";
import { holds, readUpdate } from "./assignments.ts";
import type { Change } from "./key-change.ts";
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

/** A column that an UPDATE assigns to, with the rows in which it changes the value. */
interface Assigned extends Change {
  readonly whole: Suspect;
  readonly object: string;
}

/**
 * Columns of which an UPDATE replaces values: not NULL before, and another value after. A value that
 * the same UPDATE writes into a column, alone or joined to something, is not lost; nor is one
 * of a column that an earlier statement of the rollback has made. `gone` names the columns dropped by then.
 */
export async function doomedByUpdate(
  session: Session,
  statement: Statement,
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Suspect[]> {
  const assigned = await findChanges(session, statement, names, gone);
  return assigned.map(({ whole, object, column, lost }) => ({
    ...whole,
    object,
    column,
    rows: lost.now,
    rowsThen: lost.later,
    atMost: `select from ${whole.table} where ${hasValue(ident(column))}`,
  }));
}

/** The columns of one statement in which values change, lost or not. None but for an UPDATE. */
export async function findChanges(
  session: Session,
  { node, text }: Statement,
  names: Names,
  gone: ReadonlySet<string>,
): Promise<Assigned[]> {
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
  const found: Assigned[] = [];
  for (const assignment of assignments) {
    const column = columnNow(table, assignment.column, names);
    const object = `${sqlOf(table)}.${ident(column)}`;
    const [known] = await session.query<AssignedColumn>(findAssignedColumn, [sqlOf(table), column]);
    if (!known || gone.has(object) || isSame(assignment, plainAlias)) continue;
    const rowsBy = (condition: string) => {
      const rowsIn = (from: string, target: string) =>
        read
          ? changedRows(from, target, condition, read, alias, whole.isForeign)
          : `select from ${target} as ${alias} where ${condition}`;
      return {
        now: rowsIn(source, whole.table),
        later: rowsIn(`${only}${whole.tableThen} as ${alias}`, whole.tableThen),
      };
    };
    const change = changedSql(assignment, known, plainAlias);
    const unheld = unheldSql(assignment, assignments, known, plainAlias);
    const changed = rowsBy(change);
    const lost = unheld.length === 0 ? changed : rowsBy([change, ...unheld].join(" and "));
    found.push({ whole, table: whole.table, object, column, changed, lost });
  }
  return found;
}

/** `SET a = a` */
function isSame({ column, expression }: Assignment, alias: string): boolean {
  return (
    as(expression, "ColumnRef") !== undefined &&
    holds(expression, { name: column, alias }, { isText: false, isArray: false })
  );
}

/**
 * The condition for a value that becomes another. Texts are compared, as '1 mon' equals '30
 * days', 'Ann' may equal 'ann' and json knows no equality; but for numbers, where 1.50 is 1.5 and -0 is 0.
 */
function changedSql(
  { column, sql, expression }: Assignment,
  known: AssignedColumn,
  alias: string,
): string {
  const value = `${ident(alias)}.${ident(column)}`;
  if (sql === undefined) return hasValue(value);
  const written = as(expression, "SetToDefault") ? known.default : sql;
  const stored = known.isNumber ? (one: string) => one : storedText;
  // The line break ends a comment in the expression.
  const after = `cast((${written}\n) as ${known.type})`;
  return `${hasValue(value)} and ${stored(value)} is distinct from ${stored(after)}`;
}

/** Conditions for a value that no other assignment writes into its column. */
function unheldSql(
  { column }: Assignment,
  assignments: readonly Assignment[],
  known: AssignedColumn,
  alias: string,
): string[] {
  return assignments.flatMap(({ sql, expression }) =>
    sql !== undefined && holds(expression, { name: column, alias }, known)
      ? [hasNoValue(`(${sql}\n)`)]
      : [],
  );
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
