/** An undo as a script that does by itself what the command does: all of it, or nothing. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import type { OutputSetting } from "./column-form.ts";
import { outputSettings } from "./column-form.ts";
import type { Reference } from "./undo-conflicts.ts";
import { describeRow } from "./undo-conflicts.ts";
import type { PreparedRow } from "./undo-row.ts";
import type { UndoStatement } from "./undo-statements.ts";

/** How the transaction begins that a log is read or undone in; `role` null stays who one is. */
export function beginStatements(role: string | null): string[] {
  return [
    "begin isolation level read committed",
    ...(role === null ? [] : [`set local role ${ident(role)}`]),
    "set local row_security = off",
    ...(Object.keys(outputSettings) as OutputSetting[]).map(
      (setting) => `set local ${setting} = ${outputSettings[setting]}`,
    ),
  ];
}

/**
 * For psql, with or without ON_ERROR_STOP: whatever fails aborts the transaction, and COMMIT then
 * rolls back. Rows are locked as they are checked, so what follows finds them as they were.
 */
export function composeScript(
  role: string | null,
  rows: readonly PreparedRow[],
  references: readonly Reference[],
  statements: readonly UndoStatement[],
): string {
  if (statements.length === 0) return "";
  const checks = [...checkRows(rows), ...references.map(checkReference)];
  // Without the first line, a column named n or found would be ambiguous.
  const body = `#variable_conflict use_column\ndeclare n bigint;\nbegin\n${checks.map((check) => `  ${check}\n`).join("")}end`;
  let tag = "$check$";
  while (body.includes(tag)) tag = `${tag.slice(0, -1)}_$`;
  const lines = [
    ...beginStatements(role),
    ...(checks.length > 0
      ? [`-- Conflicts: rows that are no longer as recorded.\ndo ${tag}\n${body} ${tag}`]
      : []),
    ...statements.map(({ sql }) => sql),
    "commit",
  ];
  return lines.map((line) => `${line};\n`).join("");
}

function checkRows(rows: readonly PreparedRow[]): string[] {
  const checks: string[] = [];
  /** Of tables without a key: how often each row must be there. */
  const equal = new Map<string, { readonly row: PreparedRow; count: number }>();
  for (const prepared of rows) {
    const { row, where, guards } = prepared;
    const place = qualified(row.table.schema, row.table.name);
    const name = describeRow(prepared);
    if (row.table.key.length > 0) {
      const isBack = row.kind === "insert";
      const conditions = [...where, ...(isBack ? [] : guards.values())].join(" and ");
      checks.push(
        isBack
          ? `perform from ${place} where ${conditions}; if found then ${raise(`${name}: there is such a row again`)} end if;`
          : `perform from ${place} where ${conditions} for update; if not found then ${raise(`${name}: changed since, or not there any more`)} end if;`,
      );
    } else if (row.kind !== "insert") {
      const from = `${place} where ${[...guards.values()].join(" and ") || "true"}`;
      const known = equal.get(from) ?? { row: prepared, count: 0 };
      known.count += 1;
      equal.set(from, known);
    }
  }
  for (const [from, { row, count }] of equal) {
    checks.push(
      `select count(*) into n from (select from ${from} limit ${count} for update) r; if n < ${count} then ${raise(`${describeRow(row)}: no row has these values any more`)} end if;`,
    );
  }
  return checks;
}

function checkReference({ from, count, message }: Reference): string {
  return `select count(*) into n from ${from}; if n > ${count} then ${raise(message)} end if;`;
}

function raise(message: string): string {
  return `raise exception using message = ${literal(message)};`;
}
