/** Columns that triggers bring up to date, read from the texts of their functions. */
import type { Catalog, Column, Table } from "./catalog.ts";
import type { Made } from "./scope.ts";

/** A constant, with or without a cast: what a sum or a state begins with. `now()` is none. */
const isConstant = (expression: string) => !/\w\s*\(|current_|localtime/i.test(expression);

/**
 * A column that some INSERT trigger updates begins with its default: `set total = total + new.qty`
 * adds to it, and any other base would be wrong. Null stands for a column to leave to that default,
 * undefined for one that no trigger updates.
 */
export function makeUpdated(
  { tables }: Catalog,
  table: Table,
  column: Column,
  facts: { readonly isNumber: boolean; readonly isNullable: boolean },
): Made | null | undefined {
  const writer = tables.find(({ triggerSources }) =>
    triggerSources.some((source) => updates(source, table, column)),
  );
  if (!writer) return undefined;
  if (column.default !== null) return isConstant(column.default) ? null : undefined;
  if (facts.isNullable) return null;
  if (!facts.isNumber) return undefined;
  return { text: () => "0", number: () => 0, how: `0; triggers of ${writer.name} update it` };
}

/** The body holds `UPDATE table SET … column = …`. */
export function updates(source: string, table: Table, column: Column): boolean {
  const text = source.replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, " ").replaceAll('"', "");
  const named = `(?:${escape(table.schema)}\\s*\\.\\s*)?${escape(table.name)}`;
  const statements = new RegExp(
    `\\bupdate\\s+(?:only\\s+)?${named}\\s+(?:as\\s+)?(?:(?!set\\b)\\w+\\s+)?set\\b([^;]*)`,
    "gi",
  );
  return [...text.matchAll(statements)].some(([, rest = ""]) => {
    const assigned = new RegExp(
      `(?:^|,)\\s*(?:${escape(column.name)}\\s*=|\\([^)=]*\\b${escape(column.name)}\\b[^)=]*\\)\\s*=)`,
      "i",
    );
    return assigned.test(rest);
  });
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
