/** One row's way back as SQL: its values, and the conditions that it is still as recorded. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import { nameOf } from "./catalog.ts";
import type { AuditColumn, LoggedValue } from "./column-form.ts";
import { decode, isStill, isStillKey, operand } from "./column-form.ts";
import { maskedValue } from "./generate.ts";
import { bookkeepingOf } from "./moves.ts";
import type { RowUndo } from "./net-effect.ts";
import { keyColumns } from "./net-effect.ts";
import type { DeclaredAudit } from "./read.ts";

/** A recorded change, ready to be written as SQL. */
export interface PreparedRow {
  readonly row: RowUndo;
  /** Columns to write with their SQL literals; DEFAULT where the value is not known. */
  readonly values: ReadonlyMap<string, string>;
  /** Conditions that make it this row and no other. */
  readonly where: readonly string[];
  /** By column: the condition that it holds what was recorded. */
  readonly guards: ReadonlyMap<string, string>;
  /** What cannot be restored although the rest can. */
  readonly notes: readonly string[];
  /** Why it cannot be undone at all. */
  readonly obstacles: readonly string[];
}

/** True for a value that the log does not hold. */
export function isMasked({ kind, text }: LoggedValue): boolean {
  return kind === "string" && text === maskedValue;
}

export function prepareRow(row: RowUndo, declared: DeclaredAudit | undefined): PreparedRow {
  const { table, before, after, kind } = row;
  const name = nameOf(table);
  const bookkeeping = bookkeepingOf(table, declared);
  const excluded = new Set(declared?.file.tables[name]?.exclude ?? []);
  const notes: string[] = [];
  const obstacles: string[] = [];
  const values = new Map<string, string>();
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const gone = [...before.keys()].filter((column) => !byName.has(column));
  const unrecorded = table.columns.filter(
    ({ name: column, isGenerated }) =>
      kind === "insert" && !isGenerated && !before.has(column) && !excluded.has(column),
  );
  for (const column of gone) {
    const what = `${name} has no column ${column} any more`;
    const isAll = kind === "update" && gone.length === before.size;
    if (isAll) obstacles.push(`${what}, and nothing else was changed`);
    else if (unrecorded.length > 0) {
      // Renamed: the row would come back with the default there, and the recorded value be lost.
      obstacles.push(
        `${what}, and the log does not know ${unrecorded.map((one) => one.name).join(", ")}; rename it back to undo`,
      );
    } else notes.push(what);
  }
  if (kind !== "delete") {
    for (const column of table.columns) {
      const value = before.get(column.name);
      if (column.isGenerated || (value === undefined && kind === "update")) continue;
      if (value !== undefined && !isMasked(value)) {
        values.set(column.name, literal(decode(column, value)));
        continue;
      }
      const why = value ? "masked in the log" : "not in the log";
      if (kind === "update") {
        notes.push(`the old value of ${name}.${column.name} is ${why} and stays as it is`);
      } else if (column.isNotNull && !column.hasDefault) {
        obstacles.push(`${name}.${column.name} needs a value, which is ${why}`);
      } else {
        values.set(column.name, "default");
        notes.push(`the value of ${name}.${column.name} is ${why}; the row gets the default`);
      }
    }
  }
  const guards = new Map<string, string>();
  const keys = keyColumns(table);
  for (const [column, value] of after) {
    const known = byName.get(column);
    if (!known || known.isGenerated || bookkeeping.has(column) || isMasked(value)) continue;
    if (keys.includes(known)) continue;
    guards.set(column, guard(known, value));
  }
  // `=` finds the row by its key, also where the key was changed to one that is only equal.
  if (kind !== "insert") {
    for (const [i, column] of keys.entries()) {
      const condition = isStillKey(column, ident(column.name), row.key[i] ?? "");
      if (condition !== undefined) guards.set(column.name, condition);
    }
  }
  return { row, values, where: whereOf(row, keys, guards), guards, notes, obstacles };
}

function guard(column: AuditColumn, value: LoggedValue): string {
  return isStill(column, ident(column.name), literal(decode(column, value)));
}

function whereOf(
  row: RowUndo,
  keys: readonly AuditColumn[],
  guards: ReadonlyMap<string, string>,
): string[] {
  if (keys.length > 0) {
    return keys.map((column, i) => `${ident(column.name)} = ${operand(column, row.key[i] ?? "")}`);
  }
  if (row.kind === "insert") return [];
  // Of several equal rows any one will do.
  const place = qualified(row.table.schema, row.table.name);
  const conditions = [...guards.values()].join(" and ") || "true";
  return [
    `(tableoid, ctid) = (select tableoid, ctid from ${place} where ${conditions} limit 1 for update)`,
  ];
}
