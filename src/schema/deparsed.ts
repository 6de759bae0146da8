/**
 * SQL as PostgreSQL prints it from its catalogs, put as it will print it once it has read that
 * text again. In two places the two differ, and a dump would differ from the dump of its copy.
 */
import { arrayCastEdits } from "./array-casts.ts";
import { columnNameEdits } from "./column-names.ts";
import { tokensOf } from "./tokens.ts";
import type { Edit } from "./tokens.ts";

/** Rewrites text of pg_get_viewdef() and its kind; string bodies of functions are not touched. */
export function asReread(sql: string): string {
  const casts = sql.includes("(ARRAY[") ? apply(sql, arrayCastEdits(sql, tokensOf(sql))) : sql;
  return casts.includes("SELECT ") ? apply(casts, columnNameEdits(casts, tokensOf(casts))) : casts;
}

function apply(sql: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += sql.slice(at, edit.start) + edit.insert;
    at = edit.end;
  }
  return result + sql.slice(at);
}
